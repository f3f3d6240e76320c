import { z } from 'zod';

/** A file in HAR 1.2, as a component: as far as a reader has to know it to find the entries. */
export const harFile = z
  .looseObject({
    log: z.looseObject({
      version: z.string().meta({ examples: ['1.2'] }),
      creator: z.looseObject({ name: z.string(), version: z.string() }),
      entries: z.array(z.looseObject({ startedDateTime: z.string(), request: z.looseObject({}) })),
    }),
  })
  .meta({ id: 'HarFile', description: 'An HTTP archive (HAR 1.2).' });
