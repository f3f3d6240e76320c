import type { DescribedReplies } from './openapi.ts';

/** An answer to a program, read. */
export interface ProgramReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly bytes: Buffer;
  /** The problem's code, or null. */
  readonly problem: string | null;
  json<T = Record<string, unknown>>(): T;
}

/** What a program sends besides method and path. `json` is sent as JSON, `body` as it is. */
export interface ProgramRequest {
  readonly json?: unknown;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A program with headers of its own, such as an API key. Every reply is held against the document, where one is given. */
export class Program {
  readonly #origin: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #described: DescribedReplies | undefined;

  constructor(origin: string, headers: Readonly<Record<string, string>>, described?: DescribedReplies) {
    this.#origin = origin;
    this.#headers = headers;
    this.#described = described;
  }

  async ask(method: string, path: string, { json, body, headers }: ProgramRequest = {}): Promise<ProgramReply> {
    const response = await fetch(this.#origin + path, {
      method,
      redirect: 'manual',
      headers: {
        // A kept connection may be closed by the server in the very moment it is used again.
        connection: 'close',
        ...this.#headers,
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: json === undefined ? (body ?? null) : JSON.stringify(json),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = bytes.toString();
    const { status } = response;
    this.#described?.note(method, path, { status, headers: response.headers, text });
    const problem = response.headers.get('callbook-problem');
    return { status, headers: response.headers, text, bytes, problem, json: <T>() => JSON.parse(text) as T };
  }
}

/** The header of an API key. */
export function withKey(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}
