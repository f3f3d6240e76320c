// @ts-check

/** Stands where a secret was in what is on record. */
const MARKER = '*redacted*';

/**
 * Sends the form inside on Ctrl or ⌘ with Enter, and shows that the work is under way, and for how long: its `busy` says
 * what is being done. The first place where a secret has to be written anew is selected.
 */
class SendForm extends HTMLElement {
  /** What the button says while nothing is under way. */
  #label = '';
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  connectedCallback() {
    this.addEventListener('keydown', this.#onKey);
    this.addEventListener('submit', this.#onSubmit);
    window.addEventListener('pageshow', this.#rest);
    this.#selectMarker();
  }

  disconnectedCallback() {
    window.removeEventListener('pageshow', this.#rest);
    clearInterval(this.#timer);
  }

  /** @param {KeyboardEvent} event */
  #onKey = (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    this.querySelector('form')?.requestSubmit();
  };

  #selectMarker() {
    for (const field of this.querySelectorAll('[aria-invalid]')) {
      if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) continue;
      const at = field.value.indexOf(MARKER);
      if (at < 0) continue;
      field.focus({ preventScroll: true });
      field.setSelectionRange(at, at + MARKER.length);
      return;
    }
  }

  /** @param {SubmitEvent} event */
  #onSubmit = (event) => {
    const button = this.querySelector('button[type="submit"]');
    if (!button) return;
    if (button.getAttribute('aria-disabled') === 'true') {
      event.preventDefault();
      return;
    }
    button.setAttribute('aria-disabled', 'true');
    this.#label = button.textContent ?? '';
    const busy = this.getAttribute('busy') ?? 'Sending…';
    const start = performance.now();
    button.textContent = busy;
    this.#timer = setInterval(() => {
      button.textContent = `${busy} ${Math.round((performance.now() - start) / 1000)} s`;
    }, 1000);
  };

  /** Back from the browser's cache the form is ready again. */
  #rest = () => {
    const button = this.querySelector('button[type="submit"]');
    clearInterval(this.#timer);
    if (button?.getAttribute('aria-disabled') !== 'true') return;
    button.removeAttribute('aria-disabled');
    button.textContent = this.#label;
  };
}

customElements.define('send-form', SendForm);
