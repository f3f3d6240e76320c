/** What the app needs of a logger: facts first, then a sentence. Facts are masked by name before they are written. */
export interface Logger {
  debug(facts: object, sentence: string): void;
  info(facts: object, sentence: string): void;
  warn(facts: object, sentence: string): void;
  error(facts: object, sentence: string): void;
}

/** Takes secrets out of any text; see `secrets/`. */
export type MaskText = (text: string) => string;
