/** The one place a sealed value can be opened at: it is bound to its table, column and row. */
export interface SealedPlace {
  readonly table: string;
  readonly column: string;
  readonly row: string;
}

/** Seals secrets before the ORM sees them. `open` throws `SealBroken` where key, place or text do not fit. */
export interface Vault {
  seal(secret: string, place: SealedPlace): string;
  open(sealed: string, place: SealedPlace): string;
}
