import { isSafeMethod } from '../../kernel/exchange.ts';
import { extentOfHop, extentSent, type SentExtent } from '../../kernel/sent-extent.ts';
import type { Exchange } from '../../model/exchange.ts';
import { moment, type Moment } from './measures.ts';

/** One thing that is known, or is known not to be; with the moment it happened at, where it has one. */
interface Known {
  readonly name: string;
  readonly at: Moment | null;
  readonly text: string;
}

const UNKNOWN =
  'Not known. It may have arrived, whole or in part: nothing was written down between its leaving and its answer.';
const SENT_AGAIN = ' The time before, it did arrive: the API answered 401, and it was to go out once more.';

const LEFT: Readonly<Record<SentExtent, string>> = {
  nothing: 'Nothing. It did not reach the API.',
  part: 'Its head and not all of its body. The API may have seen it.',
  whole: 'All of it. The API may have acted on it.',
};

/** What is known of a call that did not come to an answer, in the order it happened; null for any other. */
export function knownOf(exchange: Exchange): readonly Known[] | null {
  const { outcome, kind } = exchange;
  if (kind === 'imported' || (outcome !== 'failed' && outcome !== 'interrupted')) return null;
  const at = exchange.finishedAt ? moment(exchange.finishedAt) : null;
  const written = outcome === 'interrupted' || !isSafeMethod(exchange.method) ? [writtenDown(exchange)] : [];
  const end =
    outcome === 'interrupted'
      ? { name: 'Found interrupted', at, text: ', when Callbook saw that no answer of it would be kept.' }
      : { name: 'Answer', at: null, text: answerText(exchange) };
  return [...written, { name: 'Sent', at: null, text: sentText(exchange) }, end, nextStep(exchange)];
}

function writtenDown({ startedAt }: Exchange): Known {
  return { name: 'Written down', at: moment(startedAt), text: ', before its first byte left.' };
}

function sentText({ kind, outcome, hops, attempts }: Exchange): string {
  const most = extentSent({ kind, outcome, hops });
  if (most === null) return attempts > 1 ? UNKNOWN + SENT_AGAIN : UNKNOWN;
  const last = hops.at(-1);
  if (!last || hops.length === 1) return LEFT[most];
  const before = hops.length === 2 ? 'one request before it' : `${hops.length - 1} requests before it`;
  return `Of the last request: ${LEFT[extentOfHop(last)]} The API answered ${before}.`;
}

function answerText({ status }: Exchange): string {
  return status ? `One with the status ${status} began and did not come to its end.` : 'None came.';
}

function nextStep(exchange: Exchange): Known {
  return { name: 'What to do', at: null, text: nextText(exchange) };
}

function nextText({ kind, method, outcome, hops }: Exchange): string {
  if (kind !== 'call')
    return 'Nothing. Callbook made this call on its own account; its connection’s page tells how the grant stands.';
  if (isSafeMethod(method)) return `A ${method} changes nothing at the API: send it again.`;
  if (extentSent({ kind, outcome, hops }) === 'nothing')
    return 'Mend what kept it from leaving, and send it again: this one did nothing.';
  return `Look at the API whether this ${method} took effect before you send it again.`;
}
