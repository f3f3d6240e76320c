// @ts-check

/** Copies the text of the element named by `for`. Without scripts there is nothing to press. */
class CopyButton extends HTMLElement {
  connectedCallback() {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Copy';
    button.addEventListener('click', () => void this.#copy(button));
    this.replaceChildren(button);
  }

  /** @param {HTMLButtonElement} button */
  async #copy(button) {
    const source = document.getElementById(this.getAttribute('for') ?? '');
    if (!source) return;

    try {
      await navigator.clipboard.writeText(source.textContent ?? '');
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Not allowed by the browser';
    }
    button.dataset.copied = '';
    setTimeout(() => {
      button.textContent = 'Copy';
      delete button.dataset.copied;
    }, 1500);
  }
}

customElements.define('copy-button', CopyButton);
