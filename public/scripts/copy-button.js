// @ts-check

/**
 * Copies its `text` (a JSON string), or the text of the element named by `for`, or the whole address of its `href`.
 * `label` says what stands on it.
 * Without scripts there is nothing to press.
 */
class CopyButton extends HTMLElement {
  connectedCallback() {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = this.#label;
    button.addEventListener('click', () => void this.#copy(button));
    this.replaceChildren(button);
  }

  get #label() {
    return this.getAttribute('label') ?? 'Copy';
  }

  /**
   * What is to be copied, or null where there is nothing.
   * @returns {string | null}
   */
  get #text() {
    const text = this.getAttribute('text');
    if (text !== null) return JSON.parse(text);
    const href = this.getAttribute('href');
    if (href !== null) return new URL(href, location.href).href;
    return document.getElementById(this.getAttribute('for') ?? '')?.textContent ?? null;
  }

  /** @param {HTMLButtonElement} button */
  async #copy(button) {
    const text = this.#text;
    if (text === null) return;

    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Not allowed by the browser';
    }
    button.dataset.copied = '';
    setTimeout(() => {
      button.textContent = this.#label;
      delete button.dataset.copied;
    }, 1500);
  }
}

customElements.define('copy-button', CopyButton);
