/** A name as it is compared: case, `-` and `_` do not count. */
export function foldName(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}
