import { type Config, publicUrlOf } from '../config.ts';
import { withSession } from '../db/session.ts';
import { systemClock } from '../kernel/clock.ts';
import { systemRandom } from '../kernel/ids.ts';
import type { OpeningParts } from '../opening.ts';
import type { Workings } from '../workings.ts';
import { WrongUse } from './terminal/refusal.ts';
import type { Terminal } from './terminal/terminal.ts';

/** What a command works with. */
export interface AtWork {
  readonly config: Config;
  readonly workings: Workings;
}

/** The workspace a command is about. */
export type ChosenWorkspace = Awaited<ReturnType<Workings['workspaces']['find']>>;

/** What a command about one workspace works with. */
export interface InWorkspace extends AtWork {
  readonly workspace: ChosenWorkspace;
}

/** What opening takes, from the settings. Throws `ConfigError`. */
export async function openingParts(terminal: Terminal): Promise<OpeningParts> {
  const config = terminal.config();
  const { commandLogger } = await import('../opening.ts');
  const logger = commandLogger(config, (line) => void terminal.world.stderr.write(line));
  return { config, logger, random: systemRandom };
}

/** Opens the database for `work` and closes it afterwards, whatever happened. */
export async function withWorkings<T>(terminal: Terminal, work: (at: AtWork) => Promise<T>): Promise<T> {
  const parts = await openingParts(terminal);
  const [{ openForCommand, versionOf }, { createWorkings }] = await Promise.all([
    import('../opening.ts'),
    import('../workings.ts'),
  ]);
  const { config } = parts;
  const { database, keys } = await openForCommand(parts);
  try {
    const workings = createWorkings({
      ...parts,
      database,
      keys,
      version: versionOf(),
      publicUrl: publicUrlOf(config, config.port),
      clock: systemClock,
      ownPorts: () => [config.port],
      practicePort: () => (config.practice ? config.practicePort : null),
    });
    return await work({ config, workings });
  } finally {
    await database.close();
  }
}

/** As `withWorkings`, in a session of the workspace that was named, or of the only one. */
export function withWorkspace<T>(
  terminal: Terminal,
  slug: string | undefined,
  work: (at: InWorkspace) => Promise<T>,
): Promise<T> {
  return withWorkings(terminal, async (at) => {
    const workspace = await chosenWorkspace(at.workings, slug);
    return withSession(workspace.id, () => work({ ...at, workspace }));
  });
}

/** Throws `NotFound`, and `WrongUse` where there are several and none was named, or none at all. */
export async function chosenWorkspace({ workspaces }: Workings, slug: string | undefined): Promise<ChosenWorkspace> {
  if (slug !== undefined) return workspaces.find(slug);
  const [only, ...others] = await workspaces.list();
  if (!only) throw new WrongUse('There is no workspace yet. Make its owner: callbook users create EMAIL --role owner');
  if (others.length === 0) return only;
  const names = [only, ...others].map((one) => one.slug).join(', ');
  throw new WrongUse(`There are several workspaces: ${names}. Name one with --workspace SLUG.`);
}
