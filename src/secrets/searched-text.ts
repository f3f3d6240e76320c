import { ESCAPE_KINDS, type EscapeKind } from './escapes.ts';
import type { Needles } from './needles.ts';
import type { Span } from './spans.ts';
import { Unescaper } from './unescaping.ts';

const NOTHING = new Uint8Array();

/** A text that is what becomes of another when one kind of escape is undone. */
interface Branch {
  readonly unescaper: Unescaper;
  readonly text: SearchedText;
}

/**
 * A text that comes in pieces and is searched for needles, as it is and with escapes undone, `depth` times one within
 * the other. Positions count from its beginning. What is found does not depend on where pieces end.
 *
 * A branch stands only while its text differs from this one's in what is still open; until then this one's state is
 * its state too, and it is copied when the first escape comes.
 */
export class SearchedText {
  readonly #needles: Needles;
  readonly #depth: number;
  readonly #branches = new Map<EscapeKind, Branch>();
  /** Where what is kept of the text begins; needles before `#searched` are found or none. */
  #keptFrom = 0;
  #kept = NOTHING;
  #searched = 0;
  #length = 0;
  #sharesFirst = false;
  #lastByte: number | undefined;

  constructor(needles: Needles, depth: number) {
    this.#needles = needles;
    this.#depth = depth;
  }

  /** The first place from which a secret may have begun that is not whole yet; the text's length where there is none. */
  get open(): number {
    let open = this.#searched - (this.#sharesFirst ? 1 : 0);
    for (const { unescaper, text } of this.#branches.values())
      open = Math.min(open, unescaper.consumed, unescaper.sourceOf(text.open));
    return open;
  }

  /** Takes the next piece and gives where secrets stand that are certain now. */
  push(piece: Uint8Array, isLast: boolean): Span[] {
    const begun = this.#depth > 0 ? this.#beginBranches(piece, isLast) : [];
    const spans: Span[] = [];
    for (const { unescaper, text } of this.#branches.values())
      this.#pushTo(text, unescaper, unescaper.push(piece, isLast), isLast, spans);
    for (const { branch, first } of begun) {
      this.#branches.set(branch.unescaper.kind, branch);
      this.#pushTo(branch.text, branch.unescaper, first, isLast, spans);
    }
    for (const span of this.#search(piece, isLast)) spans.push(span);
    if (!isLast) this.#endBranches();
    return spans;
  }

  /** Branches for kinds of escape that this piece is the first to have. Their texts are as this one was before it. */
  #beginBranches(piece: Uint8Array, isLast: boolean): { readonly branch: Branch; readonly first: Uint8Array }[] {
    const begun = [];
    for (const kind of ESCAPE_KINDS) {
      if (this.#branches.has(kind) || !piece.includes(kind.first)) continue;
      const unescaper = new Unescaper(kind, this.#length, this.#lastByte);
      const first = unescaper.push(piece, isLast);
      if (unescaper.lastSite.to < 0 && !unescaper.isHolding) continue;
      begun.push({ branch: { unescaper, text: this.#copy(kind.isInnermost ? 0 : this.#depth - 1) }, first });
    }
    return begun;
  }

  #pushTo(text: SearchedText, unescaper: Unescaper, piece: Uint8Array, isLast: boolean, spans: Span[]): void {
    for (const span of text.push(piece, isLast)) spans.push(unescaper.toSource(span));
    unescaper.forget(text.open);
  }

  /** Ends branches whose escapes all lie before what is open, here and there: from there on the texts are the same. */
  #endBranches(): void {
    const open = this.open;
    for (const [kind, { unescaper, text }] of this.#branches) {
      const { to, sourceEnd } = unescaper.lastSite;
      if (!unescaper.isHolding && text.open > to && open > sourceEnd) this.#branches.delete(kind);
    }
  }

  #search(piece: Uint8Array, isLast: boolean): Span[] {
    const bytes = this.#kept.length === 0 ? piece : Buffer.concat([this.#kept, piece]);
    const base = this.#keptFrom;
    const from = this.#searched - base;
    const open = isLast ? { at: bytes.length, shares: false } : this.#needles.openFrom(bytes, from);
    const spans = this.#needles.find(bytes, from, open.at);

    this.#length += piece.length;
    this.#lastByte = piece.at(-1) ?? this.#lastByte;
    this.#searched = base + open.at;
    this.#sharesFirst = open.shares;
    const keptFrom = Math.max(0, open.at - 1);
    this.#keptFrom = base + keptFrom;
    this.#kept = new Uint8Array(bytes.subarray(keptFrom));
    return base === 0 ? spans : spans.map(({ start, end }) => ({ start: start + base, end: end + base }));
  }

  #copy(depth: number): SearchedText {
    const copy = new SearchedText(this.#needles, depth);
    copy.#keptFrom = this.#keptFrom;
    copy.#kept = this.#kept;
    copy.#searched = this.#searched;
    copy.#length = this.#length;
    copy.#sharesFirst = this.#sharesFirst;
    copy.#lastByte = this.#lastByte;
    if (depth > 0) for (const [kind, branch] of this.#branches) copy.#branches.set(kind, copyOf(branch, depth - 1));
    return copy;

    function copyOf({ unescaper, text }: Branch, most: number): Branch {
      return { unescaper: unescaper.copy(), text: text.#copy(Math.min(most, text.#depth)) };
    }
  }
}
