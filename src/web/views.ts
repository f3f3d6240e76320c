import { Eta } from 'eta';
import { visible } from './visible.ts';

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** HTML takes CR LF for one line end unless it is written so (HTML, section 13.2.3.5). */
const CARRIAGE_RETURN = '&#13;';

/**
 * What every view has at hand: `partial(name, data)` writes another view in place, which sees `page` and that data
 * alone; `typed(text)` marks the value of a
 * field, which keeps the characters that are made visible everywhere else.
 */
const AT_HAND = `
const partial = (name, data) => { __eta.res += this.render('/' + name, { page: it.page, ...data }, options); };
const typed = (text) => ({ typed: text });
`;

/** Turns presenters' data into HTML. */
export interface Views {
  /** Renders `views/NAME.eta`; throws where the view asks for something its data does not have. */
  render(name: string, data: object): string;
}

/** Views from the folder `dir`; with `cache` each file is read and compiled once. */
export function createViews({ dir, cache }: { readonly dir: string; readonly cache: boolean }): Views {
  const eta = new Eta({ views: dir, cache, escapeFunction: escapeHtml, functionHeader: AT_HAND });
  return { render: (name, data) => eta.render(`/${name}`, data) };
}

/**
 * Makes a value safe as HTML text and as a quoted attribute. Control and direction characters are spelled out, so that
 * nothing an API sends can hide or turn round what stands beside it. A value that is not there is a fault of the view.
 */
function escapeHtml(value: unknown): string {
  if (value === null) return '';
  const text = isTyped(value) ? plain(value.typed).replaceAll('\0', '\uFFFD') : visible(plain(value));
  const safe = text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
  return isTyped(value) ? safe : safe.replaceAll('\r', CARRIAGE_RETURN);
}

/** Text, numbers and the like as text; anything else in a view is a fault of the view. */
function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TypeError(
    `A view asked for text and its presenter gives ${value === undefined ? 'nothing' : typeof value}.`,
  );
}

function isTyped(value: unknown): value is { typed: unknown } {
  return typeof value === 'object' && value !== null && 'typed' in value;
}
