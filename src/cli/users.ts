import { Option } from 'commander';
import { withSystem } from '../db/system.ts';
import { type Role, ROLES } from '../kernel/role.ts';
import type { Workings } from '../workings.ts';
import { readPassword } from './terminal/password.ts';
import { WrongUse } from './terminal/refusal.ts';
import { table } from './terminal/table.ts';
import type { Terminal } from './terminal/terminal.ts';
import type { Verb } from './terminal/verb.ts';
import { chosenWorkspace, withWorkings } from './with-workings.ts';

interface Secretly {
  readonly passwordStdin?: true;
}

interface Wanted extends Secretly {
  readonly role: Role;
  readonly workspace?: string;
  readonly json?: true;
}

const STDIN = ['--password-stdin', 'read the password from standard input instead of asking for it'] as const;

/** `callbook users`: who may sign in. */
export function usersCommand(program: Verb, terminal: Terminal): void {
  const users = program.command('users').saying({
    summary: 'Make and list users, and set passwords',
    more: 'Passwords are asked for, or read from standard input; they are never arguments.',
    examples: ['callbook users create ada@example.org --role editor', 'callbook users list'],
  });

  users
    .command('create')
    .argument('<email>', 'their e-mail address')
    .saying({
      summary: 'Make somebody a member of a workspace',
      more: 'Where nobody is a user yet, this makes the first owner and the first workspace. A user who is there already keeps their password.',
      examples: [
        'callbook users create ada@example.org --role editor',
        'callbook users create ada@example.org --role owner --password-stdin < password.txt',
      ],
    })
    .addOption(new Option('--role <role>', 'what they may do').choices(ROLES).makeOptionMandatory())
    .option(...STDIN)
    .option('--workspace <slug>', 'which workspace, where there are several')
    .option('--json', 'print {"email", "role", "workspace", "isNew"}')
    .action(async (email: string, wanted: Wanted) => {
      const made = await withWorkings(terminal, ({ workings }) => created(terminal, workings, email, wanted));
      if (wanted.json) return terminal.printJson(made);
      const { role, workspace, isNew } = made;
      await terminal.print(`${made.email} is ${role} in "${workspace}"${isNew ? '' : ', with the password they had'}.`);
    });

  users
    .command('list')
    .saying({
      summary: 'List every user and the workspaces they are in',
      examples: ['callbook users list', 'callbook users list --json'],
    })
    .option('--json', 'print {"items": [{"email", "memberships", …}]}')
    .action((options: Pick<Wanted, 'json'>) => list(terminal, options));

  users
    .command('password')
    .argument('<email>', 'whose password')
    .saying({
      summary: 'Set a new password for somebody, and end every sign-in of theirs',
      examples: [
        'callbook users password ada@example.org',
        'callbook users password ada@example.org --password-stdin < password.txt',
      ],
    })
    .option(...STDIN)
    .action((email: string, options: Secretly) => setPassword(terminal, email, options));
}

async function created(terminal: Terminal, workings: Workings, typed: string, wanted: Wanted) {
  const { gatekeeper, users } = workings;
  const { role } = wanted;
  const email = typed.trim().toLowerCase();
  const password = () => readPassword(terminal, wanted.passwordStdin === true);
  if (!(await gatekeeper.isSetUp())) {
    if (role !== 'owner') throw new WrongUse('The first user is the owner of the first workspace: --role owner.');
    await gatekeeper.ensureOwner(email, await password());
    return { email, role, workspace: (await chosenWorkspace(workings, undefined)).slug, isNew: true };
  }
  const workspace = (await chosenWorkspace(workings, wanted.workspace)).slug;
  const isKnown = (await withSystem(() => users.list())).some((one) => one.email === email);
  const secret = isKnown ? null : await password();
  const made = await withSystem(() => users.create({ email, password: secret, role, workspace }));
  return { email: made.email, role: made.role, workspace: made.workspace, isNew: made.isNew };
}

async function list(terminal: Terminal, { json }: Pick<Wanted, 'json'>): Promise<void> {
  const all = await withWorkings(terminal, ({ workings }) => withSystem(() => workings.users.list()));
  if (json) return terminal.printJson({ items: all });
  if (all.length === 0)
    return terminal.tell('There are no users yet. Make one: callbook users create EMAIL --role owner');
  const rows = all.map(({ email, memberships, lastSeenAt }) => [
    email,
    memberships.map(({ workspace, role }) => `${workspace} (${role})`).join(', ') || '-',
    lastSeenAt?.toISOString().slice(0, 10) ?? 'never',
  ]);
  await terminal.print(table(['EMAIL', 'WORKSPACES', 'LAST SEEN'], rows));
}

async function setPassword(terminal: Terminal, email: string, { passwordStdin }: Secretly): Promise<void> {
  const password = await readPassword(terminal, passwordStdin === true);
  const ended = await withWorkings(terminal, ({ workings }) =>
    withSystem(() => workings.users.setPassword(email, password)),
  );
  await terminal.print(`The password of ${email} is changed; sign-ins ended: ${ended}.`);
}
