import { openApi } from '../support/api.ts';
import { openProvider } from '../support/provider.ts';
import { answerMessages } from './child.ts';

/** Where the neighbours are, and the client that the provider knows. */
export interface Addresses {
  readonly apiOrigin: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

type Message =
  | { readonly ask: 'addresses' }
  | { readonly ask: 'tokenCalls' }
  /** How long tokens live and how slow the provider is, from now on. */
  | { readonly ask: 'set'; readonly tokenSeconds: number; readonly delayMs: number };

const provider = await openProvider({ clientId: 'bench' });
const api = await openApi({ provider, keepsLog: false });

answerMessages(async (message: Message) => {
  if (message.ask === 'tokenCalls') return { total: provider.asked.total };
  if (message.ask === 'set') {
    provider.book.rules = { ...provider.book.rules, accessTokenSeconds: message.tokenSeconds };
    provider.delayMs = message.delayMs;
    return {};
  }
  const { tokenUrl, clientId, clientSecret } = provider;
  return { apiOrigin: api.origin, tokenUrl, clientId, clientSecret: clientSecret ?? '' } satisfies Addresses;
});
