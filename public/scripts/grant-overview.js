// @ts-check

const EVERY_MS = 20_000;

/** Tells the quiet rings inside how their grants stand: looks only, and never makes the server renew anything. */
class GrantOverview extends HTMLElement {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #asking;

  connectedCallback() {
    document.addEventListener('visibilitychange', this.#onSight);
    this.#onSight();
  }

  disconnectedCallback() {
    document.removeEventListener('visibilitychange', this.#onSight);
    clearInterval(this.#asking);
  }

  #onSight = () => {
    clearInterval(this.#asking);
    if (document.hidden) return;
    if (performance.now() > EVERY_MS) void this.#ask();
    this.#asking = setInterval(() => void this.#ask(), EVERY_MS);
  };

  async #ask() {
    const reply = await fetch('/_token_refresh', { headers: { accept: 'application/json' } }).catch(() => null);
    if (!reply?.ok) return;
    const { items } = await reply.json();
    for (const ring of this.querySelectorAll('grant-ring')) {
      const telling = items.find(
        (/** @type {{connection: string}} */ item) => item.connection === ring.getAttribute('connection'),
      );
      if (telling && 'tell' in ring && typeof ring.tell === 'function') ring.tell(telling);
    }
  }
}

customElements.define('grant-overview', GrantOverview);
