/** What a browser without scripts would send of a page's form to `action`: every field, as it stands in the page. */
export function formFields(html: string, action: string): Record<string, string> {
  const start = html.indexOf(`action="${action}"`);
  if (start === -1) throw new Error(`The page has no form to ${action}.`);
  const form = html.slice(start, html.indexOf('</form>', start));
  const fields: Record<string, string> = {};
  for (const [tag, kind] of form.matchAll(/<(input|select|textarea)\b[^>]*>/g)) {
    const at = form.indexOf(tag);
    const name = attribute(tag, 'name');
    if (name === null || name === 'csrf') continue;
    const value = kind === 'input' ? ofInput(tag) : inner(form.slice(at + tag.length), kind ?? '');
    if (value !== null) fields[name] = value;
  }
  return fields;
}

function ofInput(tag: string): string | null {
  const isBox = attribute(tag, 'type') === 'checkbox';
  return isBox && !/ checked\b/.test(tag) ? null : (attribute(tag, 'value') ?? '');
}

/** A text area's text, after the line break that belongs to its tag, or the value that is chosen. */
function inner(rest: string, kind: string): string {
  const content = rest.slice(0, rest.indexOf(`</${kind}>`));
  if (kind === 'textarea') return plain(content.replace(/^\r?\n/, '')).replaceAll(/\r?\n/g, '\r\n');
  const option = /<option(?: value="([^"]*)")? selected>([^<]*)/.exec(content);
  const chosen = option ?? /<option(?: value="([^"]*)")?>([^<]*)/.exec(content);
  return plain(chosen?.[1] ?? chosen?.[2] ?? '');
}

function attribute(tag: string, name: string): string | null {
  const [, value] = new RegExp(` ${name}="([^"]*)"`).exec(tag) ?? [];
  return value === undefined ? null : plain(value);
}

function plain(html: string): string {
  const characters: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
  return html.replace(/&(lt|gt|quot|#39|amp);/g, (_whole, name: string) => characters[name] ?? '');
}
