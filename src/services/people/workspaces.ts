import { type FoundMembership, membershipsOf } from '../../db/queries/memberships.ts';
import { session } from '../../db/session.ts';
import { withSystem } from '../../db/system.ts';
import type { Clock } from '../../kernel/clock.ts';
import { type FieldFault, InvalidInput, NotFound } from '../../kernel/errors.ts';
import type { NewId } from '../../kernel/ids.ts';
import { Membership } from '../../model/membership.ts';
import { User } from '../../model/user.ts';
import { Workspace } from '../../model/workspace.ts';

export type { FoundMembership as OwnWorkspace } from '../../db/queries/memberships.ts';

const LONGEST_NAME = 120;
const LONGEST_SLUG = 60;
/** Leaves room for a number behind it. */
const LONGEST_STEM = 50;
const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
}

/** What a new workspace is called; without `slug` one is made from the name. */
export interface WorkspaceInput {
  readonly name: string;
  readonly slug?: string | undefined;
}

/** A workspace, as it may be told to whoever runs Callbook. */
export interface ToldWorkspace {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly createdAt: Date;
}

/** What teams share. Each method opens a scope of its own, because no workspace is bound while one is looked for. */
export class Workspaces {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Makes a workspace with its first owner, who has to be a user already. Throws `InvalidInput` with `/name`, `/slug` or
   * `/ownerEmail`.
   */
  async create({ name, slug }: WorkspaceInput, ownerEmail: string): Promise<ToldWorkspace> {
    const { clock, newId } = this.#parts;
    const wanted = { id: newId(), name: name.trim(), createdAt: clock.now() };
    refuse(faultsOf(wanted.name, slug));
    return withSystem(() =>
      session.transactional(async () => {
        const owner = await session.findOne(User, { email: ownerEmail.trim().toLowerCase() });
        if (!owner)
          refuse([{ pointer: '/ownerEmail', detail: 'Nobody has this e-mail address. Make the user first.' }]);
        const told = { ...wanted, slug: slug ?? (await freeSlug(wanted.name)) };
        if (await session.count(Workspace, { slug: told.slug })) {
          refuse([{ pointer: '/slug', detail: 'Another workspace has this slug; choose another.' }]);
        }
        await session.insert(Workspace, told);
        const membership = { id: newId(), workspaceId: told.id, role: 'owner', createdAt: told.createdAt } as const;
        if (owner) await session.insert(Membership, { ...membership, userId: owner.id });
        return told;
      }),
    );
  }

  /** Every workspace, by slug. */
  async list(): Promise<ToldWorkspace[]> {
    const all = await withSystem(() => session.findAll(Workspace, { orderBy: { slug: 'asc' } }));
    return all.map(told);
  }

  /** Throws `NotFound`. */
  async find(slug: string): Promise<ToldWorkspace> {
    const workspace = await withSystem(() => session.findOne(Workspace, { slug }));
    if (!workspace) throw new NotFound('workspace', slug);
    return told(workspace);
  }

  /** The workspaces a person is in, the one they have been in longest first. */
  async ofPerson(userId: string): Promise<FoundMembership[]> {
    return withSystem(() => membershipsOf(userId));
  }
}

function told({ id, slug, name, createdAt }: Workspace): ToldWorkspace {
  return { id, slug, name, createdAt };
}

function faultsOf(name: string, slug: string | undefined): FieldFault[] {
  const faults: FieldFault[] = [];
  if (name === '') faults.push({ pointer: '/name', detail: 'Give the workspace a name.' });
  if (name.length > LONGEST_NAME) faults.push({ pointer: '/name', detail: `Use at most ${LONGEST_NAME} characters.` });
  if (slug !== undefined && (!SLUG.test(slug) || slug.length > LONGEST_SLUG)) {
    const detail = `Use lower-case letters, digits and single hyphens, ${LONGEST_SLUG} at most.`;
    faults.push({ pointer: '/slug', detail });
  }
  return faults;
}

function refuse(faults: readonly FieldFault[]): void {
  if (faults.length > 0) throw new InvalidInput(faults);
}

async function freeSlug(name: string): Promise<string> {
  const stem = stemOf(name);
  for (let number = 1; ; number += 1) {
    const slug = number === 1 ? stem : `${stem}-${number}`;
    if ((await session.count(Workspace, { slug })) === 0) return slug;
  }
}

function stemOf(name: string): string {
  const letters = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_STEM)
    .replaceAll(/^-|-$/g, '');
  return letters || 'workspace';
}
