import type { Database, Statement } from 'better-sqlite3';

const KEPT = 500;

/** Prepared statements by their text, the ones used last. Parameters must travel beside the text for it to help. */
export class Statements {
  readonly #database: Database;
  readonly #byText = new Map<string, Statement>();

  constructor(database: Database) {
    this.#database = database;
  }

  get size(): number {
    return this.#byText.size;
  }

  prepare(text: string): Statement {
    const kept = this.#byText.get(text);
    const statement = kept ?? this.#database.prepare(text);
    // The map keeps its order of insertion: to put it in again is to make it the youngest.
    if (kept) this.#byText.delete(text);
    else if (this.#byText.size >= KEPT) this.#dropOldest();
    this.#byText.set(text, statement);
    return statement;
  }

  clear(): void {
    this.#byText.clear();
  }

  #dropOldest(): void {
    const [oldest] = this.#byText.keys();
    if (oldest !== undefined) this.#byText.delete(oldest);
  }
}
