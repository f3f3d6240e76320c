// @ts-check
// Loaded as a classic script in the head, so that the chosen colours are there before the first paint.

{
  const KEY = 'callbook-theme';
  const ICON =
    '<svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6.2"/><path class="half" d="M8 1.8a6.2 6.2 0 0 1 0 12.4z"/></svg>';

  /** @returns {string | null} */
  const chosen = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  };

  /** @param {string} theme */
  const choose = (theme) => {
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // Storage may be switched off; the choice then lasts for this page.
    }
  };

  const theme = chosen();
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;

  /** Switches between light and dark and remembers it. Without scripts the system's scheme stands. */
  class ThemeSwitch extends HTMLElement {
    connectedCallback() {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'quiet';
      button.innerHTML = ICON;
      button.addEventListener('click', () => {
        choose(this.#isDark() ? 'light' : 'dark');
        this.#label(button);
      });
      this.#label(button);
      this.replaceChildren(button);
    }

    /** @param {HTMLButtonElement} button */
    #label(button) {
      button.title = this.#isDark() ? 'Use light colours' : 'Use dark colours';
      button.setAttribute('aria-label', button.title);
    }

    #isDark() {
      const set = document.documentElement.dataset.theme;
      return set ? set === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    }
  }

  customElements.define('theme-switch', ThemeSwitch);
}
