// @ts-check

/** Brings the answer that just came into sight where it stands below the composer. Back and reload stay where they were. */
class AnswerInSight extends HTMLElement {
  connectedCallback() {
    const [entry] = performance.getEntriesByType('navigation');
    if (!(entry instanceof PerformanceNavigationTiming) || entry.type !== 'navigate') return;
    if (this.getBoundingClientRect().bottom <= window.innerHeight) return;
    (this.closest('section') ?? this).scrollIntoView({ block: 'start' });
  }
}

customElements.define('answer-in-sight', AnswerInSight);
