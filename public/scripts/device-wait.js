// @ts-check

const LONGEST_WAIT_S = 30;

/**
 * Follows a consent on another device: counts down, asks the server how it stands, and shows the page anew once it is over.
 * Without scripts the page loads itself again.
 */
class DeviceWait extends HTMLElement {
  #endsAt = 0;
  #waitS = 3;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #alarm;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;

  connectedCallback() {
    this.#endsAt = Date.now() + Number(this.getAttribute('seconds-left')) * 1000;
    document.addEventListener('visibilitychange', this.#onSight);
    this.#start(this.#waitS);
  }

  disconnectedCallback() {
    document.removeEventListener('visibilitychange', this.#onSight);
    this.#rest();
  }

  /** Nothing is asked while nobody looks; the server goes on without us. */
  #onSight = () => {
    this.#rest();
    if (!document.hidden) this.#start(0);
  };

  /** @param {number} seconds */
  #start(seconds) {
    this.#ticking = setInterval(() => this.#tick(), 1000);
    this.#arm(seconds);
  }

  #rest() {
    clearTimeout(this.#alarm);
    clearInterval(this.#ticking);
  }

  /** @param {number} seconds */
  #arm(seconds) {
    clearTimeout(this.#alarm);
    this.#alarm = setTimeout(() => void this.#ask(), seconds * 1000);
  }

  async #ask() {
    try {
      const reply = await fetch(this.getAttribute('href') ?? '', { headers: { accept: 'application/json' } });
      if (!reply.ok) return this.#stumble(`Callbook does not tell how it stands (${reply.status}).`);
      this.#hear(await reply.json());
    } catch {
      this.#stumble('Callbook cannot be reached. It goes on asking the provider without this page.');
    }
  }

  /** @param {{state: string, detail: string | null, secondsLeft: number | null, nextCheckIn: number | null}} told */
  #hear({ state, detail, secondsLeft, nextCheckIn }) {
    if (state !== 'pending') return location.reload();
    this.#endsAt = Date.now() + (secondsLeft ?? 0) * 1000;
    this.#waitS = nextCheckIn ?? this.#waitS;
    this.#write('trouble', detail ?? '');
    this.#arm(this.#waitS);
  }

  /** @param {string} trouble */
  #stumble(trouble) {
    this.#write('trouble', trouble);
    this.#waitS = Math.min(LONGEST_WAIT_S, this.#waitS * 2);
    if (!document.hidden) this.#arm(this.#waitS);
  }

  #tick() {
    this.#write('left', span(Math.max(0, Math.ceil((this.#endsAt - Date.now()) / 1000))));
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  #write(name, text) {
    const part = this.querySelector(`[data-part="${name}"]`);
    if (part && part.textContent !== text) part.textContent = text;
  }
}

/**
 * The same words as the server's `spanText`, as far as codes live.
 * @param {number} seconds
 */
function span(seconds) {
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

customElements.define('device-wait', DeviceWait);
