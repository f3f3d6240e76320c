/** One promise for two that may be there; null where neither is. */
export function inParallel(one: Promise<void> | null, other: Promise<void> | null): Promise<void> | null {
  if (!one || !other) return one ?? other;
  return Promise.all([one, other]).then(() => undefined);
}
