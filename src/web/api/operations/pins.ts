import type { Pin } from '../../../model/pin.ts';
import type { ExchangePins } from '../../../services/exchanges/exchange-pins.ts';
import { operation, type Operation } from '../operation.ts';
import { exchangePath } from '../schemas/exchange.ts';
import { newPin, pin } from '../schemas/pin.ts';
import { EXCHANGES } from './exchanges.ts';

interface Parts {
  readonly pins: ExchangePins;
}

const path = `${EXCHANGES}/{id}/pin`;
const tag = 'Exchanges';

/** Pins for programs: put one on an exchange, look at it, take it away. */
export function pinOperations({ pins }: Parts): Operation[] {
  return [
    operation({
      id: 'getPin',
      method: 'get',
      path,
      tag,
      summary: 'Show the pin on an exchange',
      role: 'viewer',
      params: exchangePath,
      replies: { 200: { description: 'The pin.', body: pin } },
      problems: ['not-found', 'gone'],
    }).by(async ({ params }) => ({ status: 200, body: shown(await pins.get(params.id)) })),

    operation({
      id: 'putPin',
      method: 'put',
      path,
      tag,
      summary: 'Pin an exchange',
      description:
        'Retention leaves it alone from then on. The exchange itself stays as it is; a pin that is there gets the new note.',
      role: 'editor',
      params: exchangePath,
      body: {
        schema: newPin,
        examples: { note: { summary: 'With a note', value: { note: 'The partner asked about this one.' } } },
      },
      replies: { 200: { description: 'The pin.', body: pin } },
      problems: ['not-found', 'gone'],
    }).by(async ({ actor, params, body }) => ({
      status: 200,
      body: shown(await pins.pin(actor, params.id, body.note)),
    })),

    operation({
      id: 'deletePin',
      method: 'delete',
      path,
      tag,
      summary: 'Take the pin away',
      description: 'Also where there is none.',
      role: 'editor',
      params: exchangePath,
      replies: { 204: { description: 'The exchange has no pin.' } },
      problems: ['not-found', 'gone'],
    }).by(async ({ actor, params }) => {
      await pins.unpin(actor, params.id);
      return { status: 204 };
    }),
  ];
}

function shown({ note, pinnedBy, pinnedAt }: Pin) {
  return { note, pinnedBy, pinnedAt: pinnedAt.toISOString() };
}
