import { InvalidArgumentError, Option } from 'commander';
import { type Role, ROLES } from '../kernel/role.ts';
import type { Workings } from '../workings.ts';
import { table } from './terminal/table.ts';
import type { Terminal } from './terminal/terminal.ts';
import type { Verb } from './terminal/verb.ts';
import { withWorkspace } from './with-workings.ts';

interface Options {
  readonly workspace?: string;
  readonly json?: true;
}

interface Wanted extends Options {
  readonly name: string;
  readonly role: Role;
  readonly expires?: number;
}

type ToldKey = Awaited<ReturnType<Workings['apiKeys']['list']>>[number];

const DAY_MS = 86_400_000;
const MOST_DAYS = 3_650;

/** `callbook keys`: what lets programs in. */
export function keysCommand(program: Verb, terminal: Terminal): void {
  const keys = program.command('keys').saying({
    summary: 'Make, list and revoke API keys',
    more: 'A key lets a program into one workspace, in one role.',
    examples: ['callbook keys create --name ci --role editor', 'callbook keys list'],
  });

  keys
    .command('create')
    .saying({
      summary: 'Make an API key and print it, this once',
      more: 'The key alone goes to standard output; it is kept as a hash and cannot be shown again.',
      examples: [
        'callbook keys create --name ci --role editor --expires 90',
        'CALLBOOK_KEY=$(callbook keys create --name ci --role viewer)',
      ],
    })
    .requiredOption('--name <name>', 'what the key is for')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .option('--expires <days>', 'days until it opens nothing any more; never, where this is left out', daysOf)
    .option('--workspace <slug>', 'which workspace, where there are several')
    .option('--json', 'print {"id", "name", "role", "key"}')
    .action((wanted: Wanted) => create(terminal, wanted));

  keys
    .command('list')
    .saying({
      summary: 'List the API keys of a workspace, revoked and expired ones too',
      examples: ['callbook keys list', 'callbook keys list --json'],
    })
    .option('--workspace <slug>', 'which workspace, where there are several')
    .option('--json', 'print {"items": [key without its secret]}')
    .action((options: Options) => list(terminal, options));

  keys
    .command('revoke')
    .argument('<id>', 'the id of the key, as "keys list" tells it')
    .saying({
      summary: 'Make an API key open nothing from now on',
      examples: ['callbook keys revoke 0193b3f0-7c1a-7000-8000-0123456789ab'],
    })
    .option('--workspace <slug>', 'which workspace, where there are several')
    .action(async (id: string, { workspace }: Options) => {
      await withWorkspace(terminal, workspace, ({ workings }) => workings.apiKeys.revoke(null, id));
      await terminal.print(`Revoked ${id}.`);
    });
}

async function create(terminal: Terminal, { name, role, expires, workspace, json }: Wanted): Promise<void> {
  const expiresAt = expires === undefined ? null : new Date(Date.now() + expires * DAY_MS);
  const made = await withWorkspace(terminal, workspace, ({ workings }) =>
    workings.apiKeys.create(null, { name, role, expiresAt }),
  );
  const end = expiresAt ? `until ${dayOf(expiresAt)}` : 'until it is revoked';
  terminal.tell(`The API key "${made.name}" is ${role}, ${end}; its id is ${made.id}. It is shown this once.`);
  if (json) return terminal.printJson({ id: made.id, name: made.name, role: made.role, key: made.key });
  await terminal.print(made.key);
}

async function list(terminal: Terminal, { workspace, json }: Options): Promise<void> {
  const keys = await withWorkspace(terminal, workspace, ({ workings }) => workings.apiKeys.list());
  if (json) return terminal.printJson({ items: keys.map(keyJson) });
  if (keys.length === 0) return terminal.tell('There are no API keys yet. Make one: callbook keys create --help');
  const rows = keys.map(({ id, name, role, ending, state, lastUsedAt, expiresAt }) => [
    id,
    name,
    role,
    `cbk_…${ending}`,
    state,
    lastUsedAt ? dayOf(lastUsedAt) : 'never',
    expiresAt ? dayOf(expiresAt) : 'never',
  ]);
  await terminal.print(table(['ID', 'NAME', 'ROLE', 'KEY', 'STATE', 'LAST USED', 'EXPIRES'], rows));
}

/** A key for programs: an allow-list. */
function keyJson({ id, name, role, ending, state, createdBy, createdAt, lastUsedAt, expiresAt, revokedAt }: ToldKey) {
  return { id, name, role, ending, state, createdBy, createdAt, lastUsedAt, expiresAt, revokedAt };
}

function daysOf(text: string): number {
  const days = Number(text);
  if (!/^\d+$/.test(text) || days < 1 || days > MOST_DAYS)
    throw new InvalidArgumentError(`Give a whole number of days from 1 to ${MOST_DAYS}.`);
  return days;
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
