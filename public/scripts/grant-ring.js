// @ts-check

/**
 * @typedef {object} Telling What the server tells of a grant; never a token.
 * @property {string} connection
 * @property {string} state
 * @property {number} generation
 * @property {number | null} expiresIn
 * @property {number | null} nextCheckIn
 * @property {{label: string, href: string} | null} [action]
 */

const TIMED = ['fresh', 'due', 'refreshing', 'ambiguous'];
const PATIENCE = { first: 5, longest: 60 };
const LONGEST_WAIT = 21_600;
const tabs = new BroadcastChannel('callbook-grants');

/**
 * The grant, counted down: empties until expiry and asks the server when the margin is reached, while its page is seen.
 * With `quiet` it asks nothing and is told by the element around it. Without scripts the server's own drawing stands.
 */
class GrantRing extends HTMLElement {
  /** @type {Record<string, {word: string, sentence: string, mark: string, renew: string | null, forPerson?: string}>} */
  #words = {};
  #endsAt = Number.NaN;
  #lifetime = 0;
  /** @type {number | null} */
  #askAt = null;
  #failures = 0;
  #isAsking = false;
  #isRenewing = false;
  #needsPerson = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #alarm;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;

  connectedCallback() {
    this.#words = JSON.parse(this.getAttribute('words') ?? '{}');
    this.#lifetime = this.#number('lifetime') ?? 0;
    this.#needsPerson = this.hasAttribute('needs-person');
    const left = this.#number('seconds-left');
    if (left !== null) this.#endsAt = Date.now() + left * 1000;
    this.#askIn(this.#number('next-check'));
    document.addEventListener('visibilitychange', this.#onSight);
    tabs.addEventListener('message', this.#onTab);
    this.#part('renew')?.addEventListener('submit', this.#onRenew);
    this.#onSight();
    if (!this.hasAttribute('quiet')) tabs.postMessage({ connection: this.#name(), seen: this.#number('generation') });
  }

  disconnectedCallback() {
    document.removeEventListener('visibilitychange', this.#onSight);
    tabs.removeEventListener('message', this.#onTab);
    this.#rest();
  }

  /** @param {Telling} telling */
  tell(telling) {
    const isNews = telling.state !== this.dataset.state || telling.generation !== this.#number('generation');
    if (telling.generation !== this.#number('generation')) this.#lifetime = telling.expiresIn ?? 0;
    this.#endsAt = telling.expiresIn === null ? Number.NaN : Date.now() + telling.expiresIn * 1000;
    this.dataset.state = telling.state;
    this.#needsPerson = Boolean(telling.action);
    this.setAttribute('generation', String(telling.generation));
    this.#askIn(telling.nextCheckIn);
    this.#write('word', this.#words[telling.state]?.word ?? telling.state);
    this.#write('generation', String(telling.generation));
    if (isNews) this.#write('detail', '');
    this.#date(telling);
    this.#mark(telling);
    this.#offer(telling);
    this.#tick();
    if (isNews)
      this.#write('said', `${this.#text('word')}, generation ${telling.generation}. ${this.#text('sentence')}`);
  }

  /** Everything stands still while nobody looks; what was missed is asked for on return. */
  #onSight = () => {
    this.#rest();
    if (document.hidden) return;
    this.#ticking = setInterval(() => this.#tick(), 1000);
    this.#tick();
    if (this.hasAttribute('quiet')) return;
    const isLate = this.#askAt !== null && this.#askAt <= Date.now();
    const isForPeople = this.#askAt === null && this.dataset.state !== 'static';
    if (isLate || (isForPeople && performance.now() > 2000)) void this.#ask();
    else this.#arm();
  };

  /**
   * Another tab was told something, or was opened on a later generation than this one knows.
   * @param {MessageEvent<Telling & {seen?: number}>} event
   */
  #onTab = ({ data }) => {
    if (data.connection !== this.#name()) return;
    const generation = this.#number('generation') ?? 0;
    if (data.seen === undefined) {
      if (data.generation >= generation) this.tell(data);
    } else if (data.seen > generation && !document.hidden && !this.hasAttribute('quiet')) void this.#ask();
  };

  /** @param {Event} event */
  #onRenew = (event) => {
    event.preventDefault();
    void this.#ask({
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-csrf-token': csrfToken() },
      body: JSON.stringify({ connection: this.#name() }),
    });
  };

  /** @param {RequestInit} [renewal] */
  async #ask(renewal) {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#busy(renewal !== undefined);
    try {
      const query = renewal ? '' : `?connection=${encodeURIComponent(this.#name())}`;
      const reply = await fetch(`/_token_refresh${query}`, {
        ...renewal,
        headers: { accept: 'application/json', ...renewal?.headers },
      });
      await this.#hear(reply);
    } catch {
      const seconds = Math.min(PATIENCE.longest, PATIENCE.first * 2 ** this.#failures++);
      this.#complain(`Callbook cannot be reached. The next try is in ${seconds} s.`);
      this.#askIn(seconds);
    } finally {
      this.#isAsking = false;
      this.#busy(false);
      this.#arm();
    }
  }

  /** @param {Response} reply */
  async #hear(reply) {
    const said = await reply.json().catch(() => ({}));
    if (reply.ok) {
      this.#failures = 0;
      this.#complain('');
      this.tell(said);
      tabs.postMessage(said);
      return;
    }
    if (reply.status === 401) {
      this.#askIn(null);
      const place = encodeURIComponent(location.pathname + location.search);
      this.#complain('You are signed out. ', { label: 'Sign in again', href: `/sign-in?next=${place}` });
      return;
    }
    const wait = Number(reply.headers.get('retry-after'));
    this.#askIn(reply.status === 503 || reply.status === 429 ? wait || PATIENCE.first : null);
    this.#complain(said.detail ?? `The grant could not be asked for (${reply.status}).`);
  }

  /** @param {number | null} seconds */
  #askIn(seconds) {
    this.#askAt = seconds === null ? null : Date.now() + Math.max(1, Math.min(seconds, LONGEST_WAIT)) * 1000;
    this.#arm();
  }

  #arm() {
    clearTimeout(this.#alarm);
    if (this.#askAt === null || document.hidden || this.hasAttribute('quiet')) return;
    this.#alarm = setTimeout(() => void this.#ask(), Math.max(1000, this.#askAt - Date.now()));
  }

  #rest() {
    clearTimeout(this.#alarm);
    clearInterval(this.#ticking);
  }

  /** Draws what is left by this machine's own clock, from the seconds the server told. */
  #tick() {
    const words = this.#words[this.dataset.state ?? ''];
    if (!words) return;
    const left = Math.max(0, Math.floor((this.#endsAt - Date.now()) / 1000));
    const isTimed = TIMED.includes(this.dataset.state ?? '') && !Number.isNaN(this.#endsAt);
    const share = isTimed && this.#lifetime > 0 ? Math.min(100, (left / this.#lifetime) * 100) : 0;
    const [number, unit] = isTimed ? dial(left) : [words.mark, ''];
    this.#part('arc')?.setAttribute('stroke-dasharray', `${share} 100`);
    this.#part('number')?.setAttribute('y', unit ? '63' : '71');
    this.#write('number', number);
    this.#write('unit', unit);
    this.#write('sentence', this.#sentence(words).replace('{left}', span(left)));
  }

  /** @param {{sentence: string, forPerson?: string}} words */
  #sentence({ sentence, forPerson }) {
    return this.#needsPerson && forPerson !== undefined ? forPerson : sentence;
  }

  /** @param {Telling} telling */
  #date({ state, expiresIn, nextCheckIn }) {
    const facts = this.#part('facts');
    if (facts instanceof HTMLElement) facts.hidden = !TIMED.includes(state) || expiresIn === null;
    if (expiresIn === null) return;
    this.#write('expires', clock(expiresIn));
    this.#write('due', state === 'fresh' && nextCheckIn !== null ? clock(nextCheckIn) : 'now');
  }

  /**
   * Where on the dial renewing begins.
   * @param {Telling} telling
   */
  #mark({ state, expiresIn, nextCheckIn }) {
    const isKnown = state === 'fresh' && expiresIn !== null && nextCheckIn !== null && this.#lifetime > 0;
    const share = isKnown ? Math.max(0, ((expiresIn - nextCheckIn) / this.#lifetime) * 100) : 0;
    this.#part('margin')?.setAttribute('stroke-dasharray', `${share} 100`);
  }

  /** @param {Telling} telling */
  #offer({ action, state }) {
    const renew = this.#part('renew');
    const link = this.#part('action');
    if (!(renew instanceof HTMLElement) || !(link instanceof HTMLAnchorElement)) return;
    const hadFocus = renew.contains(document.activeElement);
    const label = this.#words[state]?.renew;
    renew.hidden = Boolean(action) || !label;
    if (label && !this.#isRenewing) this.#write('renew-label', label);
    link.hidden = !action;
    if (!action) return;
    link.textContent = action.label;
    if (action.href.startsWith('/')) link.setAttribute('href', action.href);
    if (hadFocus) link.focus();
  }

  /** @param {boolean} isRenewing */
  #busy(isRenewing) {
    this.#isRenewing = isRenewing;
    this.setAttribute('aria-busy', String(isRenewing));
    const label = this.#words[this.dataset.state ?? '']?.renew;
    this.#write('renew-label', isRenewing ? 'Renewing…' : (label ?? ''));
    this.#part('renew-label')?.setAttribute('aria-disabled', String(isRenewing));
  }

  /**
   * @param {string} trouble
   * @param {{label: string, href: string}} [way]
   */
  #complain(trouble, way) {
    this.#write('trouble', trouble);
    if (!way) return;
    const link = document.createElement('a');
    link.href = way.href;
    link.textContent = way.label;
    this.#part('trouble')?.append(link);
  }

  #name() {
    return this.getAttribute('connection') ?? '';
  }

  /** @param {string} name */
  #part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }

  /** @param {string} name */
  #text(name) {
    return this.#part(name)?.textContent ?? '';
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  #write(name, text) {
    const part = this.#part(name);
    if (part && part.textContent !== text) part.textContent = text;
  }

  /** @param {string} name */
  #number(name) {
    const text = this.getAttribute(name) ?? '';
    return text === '' ? null : Number(text);
  }
}

/**
 * The same units as the server's `dialText`.
 * @param {number} seconds
 */
function dial(seconds) {
  if (seconds < 90) return [String(seconds), 's'];
  if (seconds < 5400) return [String(Math.floor(seconds / 60)), 'min'];
  if (seconds < 172_800) return [String(Math.floor(seconds / 3600)), 'h'];
  return [String(Math.floor(seconds / 86_400)), 'd'];
}

/**
 * The same words as the server's `spanText`.
 * @param {number} seconds
 */
function span(seconds) {
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/**
 * The time of day that many seconds from now.
 * @param {number} seconds
 */
function clock(seconds) {
  return `${new Date(Date.now() + seconds * 1000).toISOString().slice(11, 19)} UTC`;
}

function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.getAttribute('content') ?? '';
}

customElements.define('grant-ring', GrantRing);
