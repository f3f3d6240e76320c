import { Agent, fetch } from 'undici';

/** A browser at the provider: keeps cookies, and goes on until it is led back to where it came from. */
export class FarBrowser {
  readonly #dispatcher: Agent;
  readonly #cookies = new Map<string, string>();

  constructor(authorities: string) {
    this.#dispatcher = new Agent({ connect: { ca: authorities } });
  }

  /** Follows from `url` to the first address that begins with `home`; gives that address. */
  async followTo(home: string, url: string): Promise<string> {
    for (let next = url; ;) {
      if (next.startsWith(home)) return next;
      const response = await fetch(next, {
        redirect: 'manual',
        dispatcher: this.#dispatcher,
        headers: { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [pair = ''] = cookie.split(';');
        const [name = '', ...value] = pair.split('=');
        this.#cookies.set(name, value.join('='));
      }
      const location = response.headers.get('location');
      if (!location) throw new Error(`${next} answered ${response.status}: ${await response.text()}`);
      next = new URL(location, next).href;
    }
  }

  close(): Promise<void> {
    return this.#dispatcher.close();
  }
}
