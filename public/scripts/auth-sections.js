// @ts-check

/** Shows the fields of the chosen way to authorise and of the chosen grant type. Without scripts all of them stand. */
class AuthSections extends HTMLElement {
  connectedCallback() {
    this.addEventListener('change', this.#show);
    this.#show();
  }

  #show = () => {
    const type = this.#chosen('authType');
    const grant = this.#chosen('grantType');
    for (const part of this.#parts('[data-for]')) part.hidden = part.dataset.for !== type;
    for (const part of this.#parts('[data-grant]')) {
      part.hidden = !(part.dataset.grant ?? '').split(' ').includes(grant);
    }
  };

  /** @param {string} name */
  #chosen(name) {
    const field = this.querySelector(`select[name="${name}"]`);
    return field instanceof HTMLSelectElement ? field.value : '';
  }

  /**
   * @param {string} selector
   * @returns {NodeListOf<HTMLElement>}
   */
  #parts(selector) {
    return this.querySelectorAll(selector);
  }
}

customElements.define('auth-sections', AuthSections);
