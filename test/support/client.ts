import type { Provider } from './provider.ts';

/** An answer, read. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Where a redirect leads, or an empty text. */
  readonly location: string;
  /** The body as JSON; throws where it is none. */
  json<T = Record<string, unknown>>(): T;
}

/** A browser without scripts: keeps cookies, sends what a page of ours would send, follows nothing by itself. */
export class Client {
  readonly origin: string;
  readonly cookies = new Map<string, string>();

  constructor(origin: string) {
    this.origin = origin;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Reply> {
    return this.#send('GET', path, headers, null);
  }

  /** Sends a form, as a page of ours does. */
  post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Reply> {
    return this.#send('POST', path, headers, new URLSearchParams(fields));
  }

  /** Sends a form with a file in its field `file`, as a page of ours does. */
  upload(path: string, file: string | Uint8Array, headers: Record<string, string> = {}): Promise<Reply> {
    const form = new FormData();
    form.set('file', new Blob([Buffer.from(file)], { type: 'application/octet-stream' }), 'calls.har');
    return this.#send('POST', path, headers, form);
  }

  /** Sends JSON, as a script of ours does. */
  postJson(path: string, value: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    return this.#json('POST', path, value, headers);
  }

  /** Changes a thing of the JSON API in part (RFC 7396). */
  patchJson(path: string, value: unknown): Promise<Reply> {
    return this.#json('PATCH', path, value);
  }

  #json(method: string, path: string, value: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const ours = { accept: 'application/json', 'content-type': 'application/json', ...headers };
    return this.#send(method, path, ours, JSON.stringify(value));
  }

  /** What `GET /_token_refresh` tells of a connection. */
  async told(slug: string): Promise<Told> {
    return (await this.get(`/_token_refresh?connection=${slug}`, { accept: 'application/json' })).json<Told>();
  }

  /** Makes a connection by the form, OAuth with client credentials unless `fields` say otherwise; gives its slug. */
  async connect({ provider, apiOrigin, ...fields }: Wanted): Promise<string> {
    const reply = await this.post('/connections', {
      name: 'Partner',
      baseUrl: apiOrigin,
      timeoutMs: '30000',
      width: '8',
      resendUnsafeOn401: 'on',
      authType: 'oauth2',
      grantType: 'client_credentials',
      tokenUrl: `${provider.origin}/token`,
      clientId: provider.clientId,
      clientSecret: provider.clientSecret ?? '',
      clientAuthentication: 'client_secret_basic',
      ...(fields as Record<string, string>),
    });
    if (reply.status !== 303)
      throw new Error(`The connection was not made: ${reply.status} ${reply.text.replaceAll(/<[^>]+>/g, ' ')}`);
    return reply.location.replace('/connections/', '');
  }

  /** Composes and sends a call; gives the exchange's id. */
  async call(slug: string, method: string, path: string, fields: Record<string, string> = {}): Promise<string> {
    const reply = await this.post(`/connections/${slug}/exchanges`, {
      method,
      path,
      headers: '',
      body: '',
      contentType: 'none',
      ...fields,
    });
    const id = /exchange=([0-9a-f-]+)$/.exec(reply.location)?.[1];
    if (!id) throw new Error(`The call was not sent: ${reply.status} ${reply.text.replaceAll(/<[^>]+>/g, ' ')}`);
    return id;
  }

  async #send(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: URLSearchParams | FormData | string | null,
  ): Promise<Reply> {
    const response = await fetch(new URL(path, this.origin), {
      method,
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        'sec-fetch-site': 'same-origin',
        // A kept connection may be closed by the server in the very moment it is used again.
        connection: 'close',
        ...(this.cookies.size > 0 && {
          cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        }),
        ...headers,
      },
      body,
    });
    this.#keepCookies(response.headers);
    const text = await response.text();
    const location = (response.headers.get('location') ?? '').replace(this.origin, '');
    return { status: response.status, headers: response.headers, text, location, json: <T>() => JSON.parse(text) as T };
  }

  #keepCookies(headers: Headers): void {
    for (const cookie of headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const at = pair.indexOf('=');
      const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}

/** What `/_token_refresh` tells. */
export interface Told {
  readonly connection: string;
  readonly state: string;
  readonly generation: number;
  readonly expiresAt: string | null;
  readonly expiresIn: number | null;
  readonly nextCheckIn: number | null;
  readonly refreshed: boolean;
  readonly action?: { readonly label: string; readonly href: string };
}

interface Wanted {
  readonly provider: Pick<Provider, 'origin' | 'clientId' | 'clientSecret'>;
  readonly apiOrigin: string;
  readonly [field: string]: unknown;
}
