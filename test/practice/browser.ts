/** A browser of few words: it keeps cookies, follows nothing by itself, and posts forms. */
export class Browser {
  readonly #cookies = new Map<string, string>();

  async get(url: string): Promise<Response> {
    return this.#ask(url, { method: 'GET' });
  }

  async post(url: string, form: Record<string, string>): Promise<Response> {
    return this.#ask(url, { method: 'POST', body: new URLSearchParams(form) });
  }

  /** Goes where the answers lead until one leads nowhere, or to `stopAt`. Gives the last address and answer. */
  async follow(url: string, first: Response, stopAt: string): Promise<{ url: string; answer: Response }> {
    const next = first.headers.get('location');
    if (next === null) return { url, answer: first };
    const address = new URL(next, url).href;
    return address.startsWith(stopAt)
      ? { url: address, answer: first }
      : this.follow(address, await this.get(address), stopAt);
  }

  async #ask(url: string, init: RequestInit): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { ...init, redirect: 'manual', headers: { cookie, accept: 'text/html' } });
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=', 2);
      if (/expires=Thu, 01 Jan 1970/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return answer;
  }
}
