import { describe, expect, test } from '@jest/globals';
import { brokenTlsFault, handshakeFault } from '../../src/outbound/tls-fault.ts';

const coded = (code: string) => Object.assign(new Error('tlsv13 alert: MIIB…'), { code });

describe('a TLS connection that did not come about', () => {
  test.each([
    ['CERT_HAS_EXPIRED', "The server's certificate has expired."],
    ['CERT_NOT_YET_VALID', "The server's certificate is not valid yet."],
    ['CERT_REVOKED', "The server's certificate was revoked."],
    ['ERR_TLS_CERT_ALTNAME_INVALID', "The server's certificate is for another name."],
    ...[
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'INVALID_CA',
    ].map(
      (code) => [code, "The server's certificate is not trusted: no authority known here vouches for it."] as const,
    ),
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'No TLS connection came about.'],
    ['ECONNRESET', 'No TLS connection came about.'],
  ])('with %s is told in a sentence', (code, sentence) => {
    expect(handshakeFault(coded(code), false)).toMatchObject({ reason: 'tls', message: sentence });
  });
});

describe('a client certificate that a server refuses', () => {
  test.each([
    ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'The server refused our client certificate.'],
    ['ERR_SSL_SSL/TLS_ALERT_UNSUPPORTED_CERTIFICATE', 'The server refused our client certificate.'],
    ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN', 'The server refused our client certificate.'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'The server refused our client certificate.'],
    ['ERR_SSL_TLSV1_ALERT_ACCESS_DENIED', 'The server refused our client certificate.'],
    ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED', 'The server refused our client certificate: it has expired.'],
    ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_REVOKED', 'The server refused our client certificate: it was revoked.'],
    ['ERR_SSL_SSL/TLS_ALERT_INTERNAL_ERROR', 'The other side broke the TLS connection off.'],
  ])('with %s is told, before the request and after it', (code, sentence) => {
    expect(brokenTlsFault(coded(code), true)).toMatchObject({ reason: 'tls', message: sentence });
    const isRefusal = sentence.includes('refused');
    expect(handshakeFault(coded(code), true).message).toBe(
      isRefusal ? sentence : 'No TLS connection came about; the server may have refused our client certificate.',
    );
  });

  test('is another thing than one that was not shown', () => {
    const fault = brokenTlsFault(coded('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), false);
    expect(fault?.message).toBe('The server asks for a client certificate, and it was shown none.');
  });

  test('is no explanation for a connection that broke in another way', () => {
    for (const code of ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', ''])
      expect(brokenTlsFault(coded(code), true)).toBeNull();
  });
});
