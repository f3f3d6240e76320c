import { createReadStream } from 'node:fs';
import { writeNewFile } from './terminal/new-file.ts';
import { WrongUse } from './terminal/refusal.ts';
import { EXIT, type Terminal } from './terminal/terminal.ts';
import type { Verb } from './terminal/verb.ts';
import { type InWorkspace, withWorkspace } from './with-workings.ts';

const TELL_EVERY_MS = 1_000;
const STREAM = '-';

/** Filters of the history as options, each with what it means. */
export const FILTER_OPTIONS = [
  ['q', '<text>', 'words in method, URL, headers and text bodies, as the search of the history takes them'],
  ['connection', '<slug>', 'the slug that their connection has, or had before it was deleted'],
  ['method', '<method>', 'such as POST'],
  ['status', '<status>', 'such as 404, or a class such as 4xx'],
  ['outcome', '<outcome>', 'answered, failed, interrupted or pending'],
  ['kind', '<kind>', 'such as call, token or imported'],
  ['generation', '<number>', 'of the token that was used'],
  ['sent-by', '<name>', 'exactly as the record shows it: an e-mail address, or "API key ci"'],
  ['min-ms', '<number>', 'took at least so many milliseconds'],
  ['min-bytes', '<number>', "at least so many bytes of the answer's body are kept"],
  ['pinned', '<flag>', 'true or false: whether somebody has pinned it'],
  ['since', '<time>', 'began then or later: 2026-11-22, or 2026-11-22T09:00:00Z'],
  ['until', '<time>', 'began before'],
] as const;

/** `callbook import` and `callbook export`. */
export function historyFileCommands(program: Verb, terminal: Terminal): void {
  program
    .command('import')
    .argument('<file>', 'a HAR, or - for standard input')
    .saying({
      summary: 'Take calls on record that a HAR holds, all of them or none',
      more: [
        'They are of kind "imported" and belong to no connection; secrets with a known name, and those of the',
        'connections here, are masked before they are written. An entry that is wrong is named, and nothing comes in. At most 64 MiB and 5,000 entries.',
      ].join(' '),
      examples: ['callbook import shop.har', 'curl -s https://example.org/a.har | callbook import - --workspace team'],
    })
    .option('--workspace <slug>', 'which workspace, where there are several')
    .option('--json', 'print {"count", "ids"}')
    .action((file: string, { workspace, json }: { workspace?: string; json?: true }) =>
      withWorkspace(terminal, workspace, (at) => importFile(terminal, at, file, json === true)),
    );

  const exporting = program
    .command('export')
    .argument('[file]', 'a new file; standard output where it is left out')
    .saying({
      summary: 'Write exchanges to a file, newest first',
      more: 'All of them, or those that pass every filter that is given. Secrets are masked as they are on record.',
      examples: [
        'callbook export everything.har',
        'callbook export --format csv --status 5xx --since 2026-11-22 > failed.csv',
        'callbook export orders.jsonl --format jsonl --connection partner --method POST',
      ],
    })
    .option('--format <format>', 'har, jsonl or csv', 'har')
    .option('--workspace <slug>', 'which workspace, where there are several');
  for (const [name, value, means] of FILTER_OPTIONS) exporting.option(`--${name} ${value}`, means);
  exporting.action((file: string | undefined, options: Record<string, string>) => {
    const { workspace, format = '', ...filters } = options;
    return withWorkspace(terminal, workspace, (at) => exportTo(terminal, at, file, format, filters));
  });
}

async function importFile(terminal: Terminal, { workings, workspace }: InWorkspace, file: string, asJson: boolean) {
  const actor = { workspaceId: workspace.id, role: 'owner', name: 'command line' } as const;
  const { ids } = await workings.importing.import(actor, file === STREAM ? terminal.world.stdin : bytesOf(file));
  if (asJson) return terminal.printJson({ count: ids.length, ids });
  await terminal.print(ids.length === 1 ? '1 exchange came in.' : `${ids.length} exchanges came in.`);
}

async function* bytesOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file) as AsyncIterable<Buffer>;
  } catch (error) {
    const code = Error.isError(error) && 'code' in error ? ` (${String(error.code)})` : '';
    throw new WrongUse(`The file ${file} cannot be read${code}.`);
  }
}

async function exportTo(
  terminal: Terminal,
  { workings, workspace }: InWorkspace,
  file: string | undefined,
  wanted: string,
  filters: Readonly<Record<string, string>>,
): Promise<void> {
  const { exportFormat, readSelection } = await import('../selection.ts');
  const format = exportFormat(wanted);
  if (!format) throw new WrongUse('--format: write har, jsonl or csv.');
  const read = readSelection(filters);
  if ('fault' in read) throw new WrongUse(`${optionOf(read.fault.name)}: ${read.fault.detail}`);
  const exported = await workings.exporting.begin(workspace.id, read.selection, format);
  if (!exported) {
    terminal.exitCode = EXIT.no;
    return terminal.tell('No exchange matches, so there is nothing to export. Nothing was written.');
  }
  const pieces = told(terminal, exported);
  if (file !== undefined && file !== STREAM) await writeNewFile(file, pieces);
  else for await (const piece of pieces) await terminal.write(piece);
  const { exchanges } = exported.progress;
  terminal.tell(`${exchanges === 1 ? '1 exchange is' : `${exchanges} exchanges are`} written.`);
}

/** Says once a second how far it has come. */
async function* told(terminal: Terminal, { pieces, progress }: Exported): AsyncGenerator<string> {
  let toldAt = performance.now();
  for await (const piece of pieces) {
    yield piece;
    if (performance.now() - toldAt < TELL_EVERY_MS) continue;
    toldAt = performance.now();
    terminal.tell(`${progress.exchanges} exchanges so far.`);
  }
}

type Exported = NonNullable<Awaited<ReturnType<InWorkspace['workings']['exporting']['begin']>>>;

/** `minMs` is `--min-ms`. */
function optionOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
