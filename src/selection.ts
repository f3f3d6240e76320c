import { checkBy } from './kernel/field-faults.ts';
import type { Selection } from './services/exchanges/exchange-selection.ts';
import { EXPORT_FORMATS, type ExportFormat } from './services/exchanges/exports/export-formats.ts';
import { historyFilter, selectionOf } from './web/forms/history-query.ts';

/** A selection by filters as programs write them in a query, or what is wrong with one of them. */
export type ReadSelection =
  { readonly selection: Selection } | { readonly fault: { readonly name: string; readonly detail: string } };

/** Which exchanges the command line asks for: by the same filters as the pages and the JSON API. */
export function readSelection(given: Readonly<Record<string, string>>): ReadSelection {
  const read = checkBy(historyFilter.strict(), given);
  if ('value' in read) return { selection: selectionOf(read.value) };
  const [{ pointer, detail } = { pointer: '/', detail: 'This cannot be read.' }] = read.faults;
  return { fault: { name: pointer.slice(1), detail } };
}

/** The format of that name, or null. */
export function exportFormat(id: string): ExportFormat | null {
  return EXPORT_FORMATS.find((format) => format.id === id) ?? null;
}
