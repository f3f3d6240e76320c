const MAX_LENGTH = 8192;

/** True for a host that is this machine by its very name: 127.0.0.0/8, ::1, localhost. `URL` has normalised it. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/**
 * What is wrong with a provider's address, as one sentence, or null. Tokens and secrets go there, so it is https
 * (RFC 6749, section 3.2), or http on this machine; no user name, no fragment (section 3.1).
 */
export function endpointFault(text: string): string | null {
  if (text.length > MAX_LENGTH) return `An address has ${MAX_LENGTH} characters at most.`;
  const url = URL.parse(text);
  if (!url) return 'This is not a complete address. It starts with https:// and names a host.';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'The address has to start with https://.';
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    return 'The address has to start with https://. Plain http is taken for this machine only.';
  }
  if (url.username || url.password) return 'The address must not hold a user name or password.';
  if (url.hash || text.includes('#')) return 'The address must not have a fragment (#).';
  return null;
}
