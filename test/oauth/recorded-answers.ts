import { ACCOUNTS } from './recorded-accounts.ts';
import { APIS } from './recorded-apis.ts';
import { BETWEEN } from './recorded-between.ts';
import type { RecordedAnswer } from './recorded-row.ts';

/** Token endpoints' answers in their documented shape, and what each is to be taken for. */
export const RECORDED: readonly RecordedAnswer[] = [...APIS, ...ACCOUNTS, ...BETWEEN];
