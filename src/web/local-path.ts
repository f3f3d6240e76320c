const ANY_ORIGIN = 'http://callbook.invalid';
const LONGEST = 2000;

/** A path of our own, with its query, that is safe to redirect to; `/` where `text` is anything else. */
export function localPath(text: string | undefined): string {
  if (!text?.startsWith('/') || text.length > LONGEST || !URL.canParse(text, ANY_ORIGIN)) return '/';
  const url = new URL(text, ANY_ORIGIN);
  const path = `${url.pathname}${url.search}`;
  return url.origin === ANY_ORIGIN && !path.startsWith('//') ? path : '/';
}
