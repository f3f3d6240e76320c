import { z } from 'zod';
import { pinSchema } from '../../forms/pin-form.ts';

/** A pin to be put on an exchange, as a component. */
export const newPin = pinSchema.meta({ id: 'NewPin', description: 'Keeps an exchange from retention.' });

/** The pin on an exchange, as a component. */
export const pin = z
  .strictObject({
    note: z.string(),
    pinnedBy: z
      .string()
      .meta({ description: 'Who wrote the note: an e-mail address, or `API key` and the key’s name.' }),
    pinnedAt: z.iso.datetime(),
  })
  .meta({ id: 'Pin', description: 'Stands beside an exchange, which retention leaves alone then.' });
