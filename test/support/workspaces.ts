import { withSystem } from '../../src/db/system.ts';
import { idsBy, systemRandom } from '../../src/kernel/ids.ts';
import type { Role } from '../../src/kernel/role.ts';
import { Passwords } from '../../src/secrets/passwords.ts';
import { Users } from '../../src/services/people/users.ts';
import { Workspaces } from '../../src/services/people/workspaces.ts';
import { OWNER, type TestApp } from './app.ts';
import type { Client } from './client.ts';

const QUICK = { memory: 64, passes: 1, parallelism: 1 };

/** Makes a workspace as the operator does; its owner is the app's own unless `ownerEmail` says otherwise. */
export async function openWorkspace({ clock }: TestApp, name: string, ownerEmail = OWNER.email): Promise<string> {
  return (await new Workspaces({ clock, newId: idsBy(clock) }).create({ name }, ownerEmail)).slug;
}

/** Makes somebody a member as the operator does; new people have the owner's password. */
export async function addMember(app: TestApp, email: string, role: Role, workspace = 'workspace'): Promise<void> {
  const { clock } = app;
  const passwords = new Passwords({ random: systemRandom, cost: QUICK });
  const users = new Users({ clock, newId: idsBy(clock), passwords, limiter: { clear: () => Promise.resolve() } });
  await withSystem(() => users.create({ email, password: OWNER.password, role, workspace }));
}

/** A browser with that person signed in. */
export async function signIn(app: TestApp, email: string): Promise<Client> {
  const browser = app.client();
  const { status } = await browser.post('/sign-in', { email, password: OWNER.password });
  if (status !== 303) throw new Error(`${email} could not sign in: ${status}.`);
  return browser;
}

/** The membership of a person, as the page of people names it. */
export async function memberId(owner: Client, email: string): Promise<string> {
  const { text } = await owner.get('/people');
  const row = text.split('<tr>').find((one) => one.includes(`class="email">${email}<`)) ?? '';
  return /\/people\/([0-9a-f-]+)/.exec(row)?.[1] ?? '';
}

/** Makes an invitation by the page; gives the path of its link. */
export async function invite(owner: Client, role: Role, note = 'Kim'): Promise<string> {
  const { text } = await owner.post('/invitations', { role, note });
  const path = /\/invitation\?token=[\w-]{43}/.exec(text)?.[0];
  if (!path) throw new Error(`There is no link: ${text.replaceAll(/<[^>]+>/g, ' ')}`);
  return path;
}
