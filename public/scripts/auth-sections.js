// @ts-check

/**
 * Shows the fields of the chosen way to authorise, grant type and client authentication, and whatever holds a fault.
 * Without scripts all of them stand.
 */
class AuthSections extends HTMLElement {
  connectedCallback() {
    this.addEventListener('change', this.#show);
    this.#show();
  }

  #show = () => {
    const type = this.#chosen('authType');
    const grant = this.#chosen('grantType');
    const client = this.#chosen('clientAuthentication');
    for (const part of this.#parts('[data-for]')) part.hidden = part.dataset.for !== type;
    for (const part of this.#parts('[data-grant], [data-client]')) {
      const isWanted = named(part.dataset.grant, grant) || named(part.dataset.client, client);
      part.hidden = !isWanted && part.querySelector('.wrong') === null;
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

/**
 * @param {string | undefined} names
 * @param {string} name
 */
function named(names, name) {
  return (names ?? '').split(' ').includes(name);
}

customElements.define('auth-sections', AuthSections);
