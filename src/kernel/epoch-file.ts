/**
 * A small file outside the database that says which states of the database are not older than what we have seen: an
 * older copy that was put in its place is known by it.
 */
export interface EpochFile {
  /** Null where there is none. */
  read(): readonly string[] | null;
  /** It is on the disk when this returns. */
  write(epochs: readonly string[]): void;
}
