import { table } from './terminal/table.ts';
import type { Terminal } from './terminal/terminal.ts';
import type { Verb } from './terminal/verb.ts';
import { withWorkings } from './with-workings.ts';

interface Wanted {
  readonly slug?: string;
  readonly owner: string;
  readonly json?: true;
}

/** `callbook workspaces`: what teams share. */
export function workspacesCommand(program: Verb, terminal: Terminal): void {
  const workspaces = program.command('workspaces').saying({
    summary: 'Make and list workspaces',
    more: 'Everything but people belongs to one workspace. The first one comes with the first owner.',
    examples: ['callbook workspaces create "Second team" --owner ada@example.org', 'callbook workspaces list'],
  });

  workspaces
    .command('create')
    .argument('<name>', 'what people call it')
    .saying({
      summary: 'Make a workspace',
      examples: ['callbook workspaces create "Second team" --slug second --owner ada@example.org'],
    })
    .option('--slug <slug>', 'its name in --workspace; made from the name where this is left out')
    .requiredOption('--owner <email>', 'its first owner, who has to be a user already')
    .option('--json', 'print {"id", "slug", "name"}')
    .action(async (name: string, { slug, owner, json }: Wanted) => {
      const { id, ...made } = await withWorkings(terminal, ({ workings }) =>
        workings.workspaces.create({ name, slug }, owner),
      );
      if (json) return terminal.printJson({ id, slug: made.slug, name: made.name });
      await terminal.print(`Made the workspace "${made.slug}", owned by ${owner}.`);
    });

  workspaces
    .command('list')
    .saying({
      summary: 'List the workspaces',
      examples: ['callbook workspaces list', 'callbook workspaces list --json'],
    })
    .option('--json', 'print {"items": [{"id", "slug", "name", "createdAt"}]}')
    .action(async ({ json }: Pick<Wanted, 'json'>) => {
      const all = await withWorkings(terminal, ({ workings }) => workings.workspaces.list());
      if (json) return terminal.printJson({ items: all });
      if (all.length === 0) return terminal.tell('There is no workspace yet. It comes with the first owner.');
      const rows = all.map(({ slug, name, createdAt }) => [slug, name, createdAt.toISOString().slice(0, 10)]);
      await terminal.print(table(['SLUG', 'NAME', 'SINCE'], rows));
    });
}
