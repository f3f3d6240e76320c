// @ts-check

/** Moves between the rows of the table inside with `j` and `k`, and ticks one with `c`; Enter opens the row's link, as everywhere. */
class HistoryKeys extends HTMLElement {
  connectedCallback() {
    document.addEventListener('keydown', this.#onKey);
  }

  disconnectedCallback() {
    document.removeEventListener('keydown', this.#onKey);
  }

  /** @param {KeyboardEvent} event */
  #onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === 'c') return this.#tick();
    const step = { j: 1, k: -1 }[event.key];
    if (step === undefined) return;

    /** @type {HTMLElement[]} */
    const links = [...this.querySelectorAll('td.call a')].filter((link) => link instanceof HTMLElement);
    const now = links.findIndex((link) => link === document.activeElement);
    links[Math.min(links.length - 1, Math.max(0, now + step))]?.focus();
    event.preventDefault();
  };

  /** The row that is focused is one to compare, or no longer. */
  #tick() {
    const row = document.activeElement?.closest('tr');
    if (row && this.contains(row)) row.querySelector('input')?.click();
  }
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  return (
    target instanceof HTMLElement &&
    target.closest('input:not([type=checkbox]), select, textarea, [contenteditable]') !== null
  );
}

customElements.define('history-keys', HistoryKeys);
