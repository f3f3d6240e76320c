/** Keys that cannot be used. The sentence says what to do and never holds a key. */
export class UnusableKeys extends Error {
  override readonly name = 'UnusableKeys';
}
