import { MOST_HAR_BYTES, MOST_HAR_ENTRIES } from '../../services/exchanges/imports/har-reader.ts';
import type { Imported } from '../../services/exchanges/imports/exchange-import.ts';
import { sizeText } from './measures.ts';

/** The filters that let through what came in; others of the same time may be among them. */
export function importedQuery({ first, last }: Pick<Imported, 'first' | 'last'>): string {
  const until = new Date(last.getTime() + 1);
  return `kind=imported&since=${first.toISOString()}&until=${until.toISOString()}`;
}

/** The form that takes a file; `came` tells of the one before. */
export function importPage(came: (Pick<Imported, 'first' | 'last'> & { count: number }) | null, error: string | null) {
  return {
    title: 'Import a HAR',
    error,
    limits: `At most ${sizeText(MOST_HAR_BYTES)} and ${MOST_HAR_ENTRIES.toLocaleString('en')} entries.`,
    came: came && {
      text: came.count === 1 ? 'One exchange came in.' : `${came.count.toLocaleString('en')} exchanges came in.`,
      link: came.count === 1 ? 'See it in the history' : 'See them in the history',
      href: `/exchanges?${importedQuery(came)}`,
    },
  };
}
