/** Headers exactly as sent or received: in order, with their case and their duplicates. */
export type HeaderPairs = readonly (readonly [name: string, value: string])[];

/** The first value of a header, or null. Names compare without case (RFC 9110, section 5.1). */
export function headerValue(headers: HeaderPairs, name: string): string | null {
  const wanted = name.toLowerCase();
  return headers.find(([key]) => key.toLowerCase() === wanted)?.[1] ?? null;
}

/** True where the content is a stream of events (WHATWG HTML, *Server-sent events*). */
export function isEventStream(headers: HeaderPairs): boolean {
  return /^\s*text\/event-stream\s*(;|$)/i.test(headerValue(headers, 'content-type') ?? '');
}
