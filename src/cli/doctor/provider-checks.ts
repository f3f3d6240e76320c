import type { Outcome } from '../../kernel/exchange.ts';
import { headerValue } from '../../kernel/headers.ts';
import type { Inspecting } from '../../inspection.ts';
import { spanOf } from '../terminal/measures.ts';
import { fault, fine, type Finding, warning } from './finding.ts';
import type { Examined } from './local-checks.ts';

/** Tokens are good from one second to another: a clock that is further off than this makes trouble. */
const MOST_SKEW_MS = 60_000;

/** What a provider said, and when. */
interface Reply {
  readonly host: string;
  readonly connections: readonly string[];
  readonly outcome: Outcome;
  readonly at: number;
}

/** Asks every provider's token endpoint at once, without credentials; any answer will do. */
export async function checkProviders(
  tokenUrls: Examined['tokenUrls'],
  inspecting: Inspecting,
  tell: (line: string) => void,
): Promise<Finding[]> {
  if (tokenUrls.length === 0)
    return [
      fine('providers', 'No connection has one to ask.'),
      fine('clock', 'There is no provider to compare it with.'),
    ];
  tell(`Asking ${tokenUrls.length === 1 ? 'a provider' : `${tokenUrls.length} providers`}, for 5 s at most …`);
  const replies = await Promise.all(
    tokenUrls.map(async ({ url, connections }) => {
      const outcome = await inspecting.ask(url);
      const { host } = new URL(url);
      tell(`  ${host}: ${outcome.kind === 'answered' ? outcome.status : outcome.reason}`);
      return { host, connections, outcome, at: Date.now() };
    }),
  );
  return [...replies.map(reached), clock(replies)];
}

function reached({ host, connections, outcome }: Reply): Finding {
  const whose = connections.join(', ');
  if (outcome.kind === 'answered') return fine('provider', `${host} answers (${whose}).`);
  const mend =
    outcome.reason === 'refused-address'
      ? `Open it with EGRESS, or change the token URL of ${whose}.`
      : `See that ${host} runs and can be reached from here, or change the token URL of ${whose}.`;
  return fault('provider', `${host} gave no answer (${whose}). ${outcome.detail}`, mend);
}

/** Compares our clock with the `Date` header (RFC 9110, section 6.6.1) of every answer. */
function clock(replies: readonly Reply[]): Finding {
  const skews = replies.flatMap(({ host, outcome, at }) => {
    const date = outcome.kind === 'answered' ? Date.parse(headerValue(outcome.headers, 'date') ?? '') : Number.NaN;
    return Number.isNaN(date) ? [] : [{ host, ms: at - date }];
  });
  if (skews.length === 0) return fine('clock', 'No provider told the time, so it was compared with nothing.');
  const off = skews.filter(({ ms }) => Math.abs(ms) > MOST_SKEW_MS);
  if (off.length === 0) return fine('clock', 'It agrees with the providers to the minute.');
  const told = off.map(({ host, ms }) => `${spanOf(Math.abs(ms) / 1000)} ${ms > 0 ? 'ahead of' : 'behind'} ${host}`);
  return warning('clock', `It is ${told.join(', ')}.`, 'Let the system set its clock by NTP; tokens are timed by it.');
}
