/** The host that a URL names, with its port where that is told; null where there is no URL, or none that can be read. */
export function hostOf(url: string | null): string | null {
  return url !== null && URL.canParse(url) ? new URL(url).host : null;
}
