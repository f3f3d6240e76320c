import { describeApi, type Tag } from './openapi.ts';
import type { Operation } from './operation.ts';
import { descriptionOperations } from './operations/description.ts';

interface Parts {
  readonly publicUrl: string;
  readonly version: string;
}

const TAGS: readonly Tag[] = [{ name: 'Description', description: 'What this API can do.' }];

/** Every operation of the JSON API, in the order the document lists them. */
export function apiOperations({ publicUrl, version }: Parts): readonly Operation[] {
  const operations: Operation[] = [
    ...descriptionOperations({
      document: () =>
        describeApi(
          operations.map(({ declared }) => declared),
          { publicUrl, version, tags: TAGS },
        ),
    }),
  ];
  return operations;
}
