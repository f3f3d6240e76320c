import { gzipSync } from 'node:zlib';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { ENCODINGS } from './encodings.ts';
import { type Listening, listen } from './listening.ts';
import { receive } from './received.ts';

/** Ways in which an API gives secrets back; each is a route, `/WAY/…`. */
export const LEAKS = ['json', 'text', 'form', 'gzip', 'large', 'headers', 'refusal', 'cut', 'away', 'home'] as const;
export type Leak = (typeof LEAKS)[number];

/** An API that tells every secret it is told of, in every encoding. */
export interface LeakyApi extends AsyncDisposable {
  readonly origin: string;
  /** Everything as it was received, head and body. */
  readonly received: string[];
}

/** Starts one. `secrets` is asked at each request; `elsewhere` is where `/away` redirects to. */
export async function openLeakyApi(secrets: () => readonly string[], elsewhere = ''): Promise<LeakyApi> {
  const received: string[] = [];
  const listening: Listening = await listen(async (request, response) => {
    const { target, headers, body, path } = await receive(request);
    received.push(`${target}\n${headers.map((pair) => pair.join(': ')).join('\n')}\n\n${body.toString()}`);
    await answer(path.split('/')[1] ?? '', secrets(), elsewhere, response);
  });
  return { origin: listening.origin, received, [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose]() };
}

/** A secret in every encoding. */
export function everyForm(secret: string): string[] {
  return [...new Set(Object.values(ENCODINGS).map((encode) => encode(secret)))];
}

async function answer(way: string, secrets: readonly string[], elsewhere: string, response: ServerResponse) {
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
    default:
      return send(response, 200, 'application/json', json);
  }
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

function longestOf(forms: readonly string[]): string {
  return forms.toSorted((one, other) => other.length - one.length)[0] ?? '';
}
