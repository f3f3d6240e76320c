import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { expect } from '@jest/globals';
import draft6 from 'ajv/dist/refs/json-schema-draft-06.json' with { type: 'json' };

type Pairs = readonly { readonly name: string; readonly value: string }[];

/** As much of an entry as tests look at. */
export interface HarEntry {
  readonly startedDateTime: string;
  readonly time: number;
  readonly timings: Readonly<Record<string, number>>;
  readonly comment?: string;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly httpVersion: string;
    readonly headers: Pairs;
    readonly queryString: Pairs;
    readonly cookies: readonly object[];
    readonly bodySize: number;
    readonly postData?: {
      readonly mimeType: string;
      readonly text: string;
      readonly params?: Pairs;
      readonly comment?: string;
      readonly _encoding?: string;
    };
  };
  readonly response: {
    readonly status: number;
    readonly statusText: string;
    readonly headers: Pairs;
    readonly cookies: readonly object[];
    readonly redirectURL: string;
    readonly bodySize: number;
    readonly _error?: string;
    readonly content: {
      readonly size: number;
      readonly mimeType: string;
      readonly text?: string;
      readonly encoding?: string;
      readonly compression?: number;
      readonly comment?: string;
    };
  };
  readonly _callbook: Readonly<Record<string, unknown>> & { readonly id: string; readonly kind: string };
}

/** The schemas of HAR 1.2 are of draft 6; ajv knows it once it is told its meta-schema. */
function validator(): ValidateFunction {
  const schemas = createRequire(import.meta.url)('har-schema') as Readonly<Record<string, object>>;
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addMetaSchema(draft6);
  addFormats.default(ajv);
  for (const [name, schema] of Object.entries(schemas)) if (name !== 'har') ajv.addSchema(schema);
  return ajv.compile(schemas['har']!);
}
const isHar = validator();

/** The entries of a HAR; fails the test where it is none by the schema of HAR 1.2. */
export function harEntries(text: string): readonly HarEntry[] {
  const har = JSON.parse(text) as { readonly log: { readonly entries: readonly HarEntry[] } };
  isHar(har);
  expect(isHar.errors ?? []).toEqual([]);
  return har.log.entries;
}
