const HOSTS = `
  127.0.0.1 127.1 127.0.1 127.127.127.127 127.0.0.1. 127.000.000.001 127.255.255.254
  0x7f.1 0x7f000001 0x7f.0x0.0x0.0x1 0X7F.0.0.1 0x7f.0.1 0x0000007f.1
  2130706433 017700000001 0177.0.0.1 0177.1 0177.0x0.1 2130706433. 00000177.1
  ①②⑦.⓪.⓪.① １２７.０.０.１ 127。0。0。1 127.0.0.１ ⑫7.1 %31%32%37.0.0.1 127%2e0.0.1
  0 0.0.0.0 0.0.0.1 0x0 00 0.1.2.3 000.0 0.
  10.0.0.1 10.255.255.255 0xa.1 167772161 012.1 10.1
  172.16.0.1 172.31.255.254 0xac.0x10.0.1 2886729729 192.168.0.1 192.168.1 3232235521
  0xc0a80001 100.64.0.1 100.127.255.254 198.18.0.1 198.19.255.254 192.0.0.1 192.0.2.1
  198.51.100.1 203.0.113.7 192.88.99.1
  169.254.169.254
  169.254.0.1
  0xa9fea9fe
  2852039166
  0251.0376.0251.0376
  169.254.43518
  169.254.169.254.
  100.100.100.200
  168.63.129.16
  192.0.0.192
  224.0.0.1
  239.255.255.250
  240.0.0.1
  255.255.255.255
  4294967295 0xffffffff
  [::1] [::] [0:0:0:0:0:0:0:1] [0000::0001] [::0.0.0.1] [::127.0.0.1] [::7f00:1]
  [::ffff:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:ffff:127.0.0.1] [::FFFF:7F00:0001] [::ffff:10.0.0.1]
  [::ffff:169.254.169.254] [::ffff:a9fe:a9fe] [::10.0.0.1] [::169.254.169.254] [::ffff:0:0]
  [::ffff:0:127.0.0.1] [::ffff:0:7f00:1] [64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b::a9fe:a9fe]
  [64:ff9b::10.0.0.1] [64:ff9b:1::1] [64:ff9b:1::8.8.8.8] [64:ff9b:1:ffff::7f00:1]
  [2002:7f00:1::] [2002:7f00:1::1] [2002:a9fe:a9fe::] [2002:a00:1::] [2001::1] [2001:0:7f00:1::]
  [2001:db8::1] [2001:2::1] [2001:10::1] [2001:20::1] [100::1] [fe80::1] [fe80::a9fe:a9fe]
  [febf::1] [fec0::1] [fc00::1] [fd00::1] [fd00:ec2::254] [fd20:ce::254] [fdff::1]
  [ff02::1] [ff0e::1] [4000::1] [8000::1] [e000::1] [::2] [2606:4700::5efe:127.0.0.1]
  metadata metadata.google.internal METADATA.google.internal. metadata.goog instance-data
`;

/** Ways to write an address that must never be reached; PORT stands for the canary's port, which listens on loopback. */
export const HOSTILE_URLS: readonly string[] = HOSTS.trim()
  .split(/\s+/)
  .map((host) => `http://${host}:PORT/`);

/** Hostile for another reason than the host. */
export const HOSTILE_FORMS: readonly string[] = [
  'http://user@127.0.0.1:PORT/',
  'http://user:pass@example.com:PORT/',
  'http://example.com@127.0.0.1:PORT/',
  'http://127.0.0.1:PORT\\@example.com/',
  'http:127.0.0.1:PORT/',
  'http:/127.0.0.1:PORT/',
  'http:\\\\127.0.0.1:PORT\\',
  ' http://127.0.0.1:PORT/',
  'ht\ntp://127.0.0.1:PORT/',
  'http://127.0.0.1\t:PORT/',
  'HTTP://127.0.0.1:PORT/',
  'https://127.0.0.1:PORT/',
  'http://127.0.0.1:PORT#@example.com/',
  'http://127.0.0.1:PORT?@example.com/',
  'ftp://127.0.0.1:PORT/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:PORT/_x',
  'ws://127.0.0.1:PORT/',
  'data:text/plain,x',
  'javascript:alert(1)',
  'unix:/var/run/docker.sock',
  'blob:http://127.0.0.1:PORT/x',
  '//127.0.0.1:PORT/',
  'http://',
  'http://[::1',
  'http://127.0.0.1:99999/',
  'http://93.184.215.14:22/',
  'http://93.184.215.14:25/',
  'http://93.184.215.14:6379/',
  'http://93.184.215.14:0/',
  'http://example.com:11211/',
  'http://example.com:1/',
  `http://93.184.215.14/${'a'.repeat(9000)}`,
];
