import { gzipSync } from 'node:zlib';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { ENCODINGS } from './encodings.ts';
import { type Listening, listen } from './listening.ts';
import { receive } from './received.ts';

/** Ways in which an API gives secrets back; each is a route, `/WAY/…`. */
export const LEAKS = [
  'json',
  'text',
  'form',
  'gzip',
  'large',
  'headers',
  'refusal',
  'cut',
  'away',
  'home',
  'location',
  'cookies',
  'trailers',
  'events',
  'pieces',
  'broken',
] as const;
export type Leak = (typeof LEAKS)[number];

/** An API that tells every secret it is told of, in every encoding. */
export interface LeakyApi extends AsyncDisposable {
  readonly origin: string;
  /** Everything as it was received, head and body. */
  readonly received: string[];
}

/** Starts one. `secrets` is asked at each request; `elsewhere` is where `/away` redirects to; `/pieces/3` are of 3 bytes. */
export async function openLeakyApi(secrets: () => readonly string[], elsewhere = ''): Promise<LeakyApi> {
  const received: string[] = [];
  const listening: Listening = await listen(async (request, response) => {
    const { target, headers, body, path } = await receive(request);
    received.push(`${target}\n${headers.map((pair) => pair.join(': ')).join('\n')}\n\n${body.toString()}`);
    const [, way = '', last = ''] = path.split('/');
    await answer(way, secrets(), elsewhere, response, Number(last) || 7);
  });
  return { origin: listening.origin, received, [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose]() };
}

/** A secret in every encoding. */
export function everyForm(secret: string): string[] {
  return [...new Set(Object.values(ENCODINGS).map((encode) => encode(secret)))];
}

async function answer(
  way: string,
  secrets: readonly string[],
  elsewhere: string,
  response: ServerResponse,
  bytes: number,
) {
  const forms = secrets.flatMap(everyForm);
  const json = Buffer.from(JSON.stringify({ forms, access_token: secrets[0], nested: JSON.stringify({ forms }) }));
  switch (way) {
    case 'text':
      return send(response, 200, 'text/plain; charset=utf-8', Buffer.from(forms.join(' | ')));
    case 'form':
      return send(response, 200, 'application/x-www-form-urlencoded', Buffer.from(formOf(forms)));
    case 'gzip':
      return send(response, 200, 'application/json', gzipSync(json), { 'content-encoding': 'gzip' });
    case 'large':
      return sendLarge(response, forms);
    case 'headers':
      return send(response, 200, 'application/json', Buffer.from('{}'), headersOf(forms));
    case 'refusal':
      return send(response, 401, 'application/json', json, {
        'www-authenticate': `Bearer error="insufficient_scope", error_description="${headerSafe(forms).join(' ')}"`,
      });
    case 'cut':
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 100_000 });
      // The longest form but for its last byte: what came of it is as good as the whole.
      return void response.write(Buffer.from(longestOf(forms)).subarray(0, -1), () => response.socket?.destroy());
    case 'away':
      return send(response, 302, 'text/plain', Buffer.alloc(0), { location: `${elsewhere}/landed?q=1` });
    case 'home':
      return send(response, 307, 'text/plain', Buffer.alloc(0), { location: `/json/${formOf(forms).slice(0, 8_000)}` });
    case 'location':
      return send(response, 303, 'text/plain', Buffer.alloc(0), { location: `/landed?${queryOf(forms)}` });
    case 'cookies':
      response.setHeader(
        'set-cookie',
        cookiesOf(forms).map((cookie) => `told=${cookie}; Path=/`),
      );
      return send(response, 200, 'application/json', Buffer.from('{}'));
    case 'trailers':
      response.writeHead(200, { 'content-type': 'text/plain', trailer: 'x-told-0' }).write('trailers follow');
      response.addTrailers(headersOf(forms));
      return void response.end();
    case 'events':
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const form of forms) sendInPieces(response, Buffer.from(`event: told\r\ndata: ${form}\r\n\r\n`), bytes);
      return void response.end();
    case 'pieces':
      response.writeHead(200, { 'content-type': 'text/plain' });
      sendInPieces(response, Buffer.from(forms.join(' | ')), bytes);
      return void response.end();
    case 'broken':
      return send(response, 500, 'text/html', Buffer.from(`<pre>${forms.join('</pre><pre>')}</pre>`), {
        warning: `199 - "${headerSafe(forms).join(' ')}"`,
      });
    default:
      return send(response, 200, 'application/json', json);
  }
}

/** Each write is a chunk of the transfer coding, and comes to a reader by itself. */
function sendInPieces(response: ServerResponse, whole: Buffer, bytes: number): void {
  for (let at = 0; at < whole.length; at += bytes) response.write(whole.subarray(at, at + bytes));
}

/** Chunks of 997 bytes, forms spread over 600 KiB: they lie across the borders of chunks, of rows and of pages. */
async function sendLarge(response: ServerResponse, forms: readonly string[]): Promise<void> {
  const gap = '.'.repeat(Math.max(1, Math.floor((600 * 1024) / forms.length)));
  const bytes = Buffer.from(forms.map((form) => gap + form).join(''));
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  for (let at = 0; at < bytes.length; at += 997) {
    if (!response.write(bytes.subarray(at, at + 997))) await once(response, 'drain');
  }
  response.end();
}

function send(response: ServerResponse, status: number, type: string, body: Buffer, more: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': type, 'content-length': body.length, ...more }).end(body);
}

function headersOf(forms: readonly string[]): Record<string, string> {
  const named = headerSafe(forms).map((form, index) => [`x-told-${index}`, `again: ${form}`]);
  return Object.fromEntries(named.slice(0, 120)) as Record<string, string>;
}

function headerSafe(forms: readonly string[]): string[] {
  return forms.filter((form) => /^[\x21-\x7e ]{1,3000}$/.test(form)).slice(0, 60);
}

function formOf(forms: readonly string[]): string {
  return forms.map((form, index) => `f${index}=${encodeURIComponent(form)}`).join('&');
}

/** Short enough for the head of an answer, and no form cut. */
function queryOf(forms: readonly string[]): string {
  const pairs = forms.map((form, index) => `f${index}=${encodeURIComponent(form)}`);
  return pairs
    .filter((pair) => pair.length < 3_000)
    .join('&')
    .slice(0, 40_000);
}

/** Those that a cookie can hold (RFC 6265, section 4.1.1). */
function cookiesOf(forms: readonly string[]): string[] {
  return forms.filter((form) => /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{1,3000}$/.test(form));
}

function longestOf(forms: readonly string[]): string {
  return forms.toSorted((one, other) => other.length - one.length)[0] ?? '';
}
