import type { GrantTelling } from '../kernel/grant-telling.ts';
import type { Workings } from '../workings.ts';
import { connectionJson, type ShownConnection } from './connection-json.ts';
import { spanOf } from './terminal/measures.ts';
import { facts, table } from './terminal/table.ts';
import type { Terminal } from './terminal/terminal.ts';
import type { Verb } from './terminal/verb.ts';
import { type InWorkspace, withWorkspace } from './with-workings.ts';

interface Options {
  readonly workspace?: string;
  readonly json?: true;
}

/** Connections read at a time. */
const PAGE = 100;

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
      withWorkspace(terminal, workspace, (at) => list(terminal, at, json === true)),
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

async function list(terminal: Terminal, { workings, workspace }: InWorkspace, asJson: boolean): Promise<void> {
  const grants = new Map((await workings.teller.tellAll(workspace.id)).map((told) => [told.connection, told]));
  const all = await every(workings.catalogue);
  if (asJson) return terminal.printJson({ items: all.map((one) => connectionJson(one, grants.get(one.slug))) });
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

async function every(catalogue: Workings['catalogue']): Promise<ShownConnection[]> {
  const all: ShownConnection[] = [];
  for (let after: Parameters<typeof catalogue.page>[0] | undefined = null; after !== undefined;) {
    const { items, next } = await catalogue.page(after, PAGE);
    all.push(...items);
    after = next ?? undefined;
  }
  return all;
}

async function show(terminal: Terminal, { workings, workspace }: InWorkspace, slug: string, asJson: boolean) {
  const shown = await workings.catalogue.find(slug);
  const grant = await workings.teller.tell(workspace.id, slug);
  if (asJson) return terminal.printJson(connectionJson(shown, grant));
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
  return typeof value === 'object' ? '(set)' : `${value as string | number | boolean}`;
}

function grantLine(told: GrantTelling | undefined): string {
  if (!told) return '-';
  const { state, generation, expiresIn } = told;
  const left = expiresIn !== null && expiresIn > 0 ? `, ${spanOf(expiresIn)} left` : '';
  return state === 'static' ? state : `${state}, generation ${generation}${left}`;
}
