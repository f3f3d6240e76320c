import type { GrantTelling } from '../kernel/grant-telling.ts';
import { connectionJson, grantJson } from './connection-json.ts';
import { spanOf } from './terminal/measures.ts';
import { facts, table } from './terminal/table.ts';
import type { Terminal } from './terminal/terminal.ts';
import type { Verb } from './terminal/verb.ts';
import { type InWorkspace, withWorkspace } from './with-workings.ts';

interface Options {
  readonly workspace?: string;
  readonly json?: true;
}

/** `callbook connections`: what is there to be called. */
export function connectionsCommand(program: Verb, terminal: Terminal): void {
  const connections = program.command('connections').saying({
    summary: 'Look at connections and how their grants stand',
    more: 'They are made and changed in the browser, or by the JSON API.',
    examples: ['callbook connections list', 'callbook connections show partner'],
  });

  connections
    .command('list')
    .saying({
      summary: 'List the connections of a workspace',
      examples: ['callbook connections list', 'callbook connections list --workspace team --json'],
    })
    .option('--workspace <slug>', 'which workspace, where there are several')
    .option('--json', 'print {"items": [connection]}')
    .action(({ workspace, json }: Options) =>
      withWorkspace(terminal, workspace, (at) => (json ? listJson(terminal, at) : list(terminal, at))),
    );

  connections
    .command('show')
    .argument('<slug>', 'the connection')
    .saying({
      summary: 'Show one connection; secrets are told as set or not',
      examples: ['callbook connections show partner', 'callbook connections show partner --json'],
    })
    .option('--workspace <slug>', 'which workspace, where there are several')
    .option('--json', 'print the connection with its grant')
    .action((slug: string, { workspace, json }: Options) =>
      withWorkspace(terminal, workspace, (at) => show(terminal, at, slug, json === true)),
    );
}

async function list(terminal: Terminal, { workings, workspace }: InWorkspace): Promise<void> {
  const { connector, teller } = workings;
  const all = await connector.list();
  const grants = new Map((await teller.tellAll(workspace.id)).map((told) => [told.connection, told]));
  if (all.length === 0) return terminal.tell('There are no connections yet. Make one in the browser.');
  const rows = all.map(({ slug, name, baseUrl, auth }) => [
    slug,
    name,
    baseUrl,
    auth.type,
    grantLine(grants.get(slug)),
  ]);
  await terminal.print(table(['SLUG', 'NAME', 'BASE URL', 'AUTH', 'GRANT'], rows));
}

async function listJson(terminal: Terminal, { workings, workspace }: InWorkspace): Promise<void> {
  const { connector, teller } = workings;
  const grants = new Map((await teller.tellAll(workspace.id)).map((told) => [told.connection, told]));
  const items: object[] = [];
  for (const connection of await connector.list()) {
    const held = await connector.secretsHeld(connection);
    const grant = grants.get(connection.slug);
    items.push({ ...connectionJson(connection, held), grant: grant ? grantJson(grant) : null });
  }
  await terminal.printJson({ items });
}

async function show(terminal: Terminal, { workings, workspace }: InWorkspace, slug: string, asJson: boolean) {
  const { connector, teller } = workings;
  const connection = await connector.find(slug);
  const held = await connector.secretsHeld(connection);
  const grant = await teller.tell(workspace.id, slug);
  const shown = connectionJson(connection, held);
  if (asJson) return terminal.printJson({ ...shown, grant: grantJson(grant) });
  const { auth, headers, ...plain } = shown;
  const lines = [
    ...Object.entries(plain),
    ...headers.map(([name, value]) => ['header', `${name}: ${value}`] as const),
    ...Object.entries(auth).map(([name, value]) => [`auth.${name}`, value] as const),
    ['grant', grantLine(grant)] as const,
    ...(grant.detail ? [['', grant.detail] as const] : []),
  ];
  await terminal.print(facts(lines.map(([name, value]) => [name, textOf(value)])));
}

/** A value as people read it. */
function textOf(value: unknown): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return '-';
  if (Array.isArray(value)) return value.join(', ');
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? '(set)' : `${value as string | number | boolean}`;
}

function grantLine(told: GrantTelling | undefined): string {
  if (!told) return '-';
  const { state, generation, expiresIn } = told;
  const left = expiresIn !== null && expiresIn > 0 ? `, ${spanOf(expiresIn)} left` : '';
  return state === 'static' ? state : `${state}, generation ${generation}${left}`;
}
