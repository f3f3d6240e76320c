import { harEntry, harOf } from '../../../support/hars.ts';
import { hold } from '../../../support/provider.ts';
import { connected, pastedGrant, type World } from '../world.ts';

const GET = { json: { method: 'GET', path: '/orders' } };
const LONGER_THAN_ANY_TOKEN_MS = 2 * 3_600_000;

/** A connection with a call on record, and both ways of sending one more. */
interface Caller {
  readonly slug: string;
  sendBoth(): Promise<void>;
}

/** Every reply of the operations on exchanges. */
export async function showExchanges(world: World): Promise<void> {
  const { editor, viewer } = world;
  const slug = await connected(world);
  const sent = await editor.ask('POST', callsOf(slug), { json: { method: 'POST', path: '/orders', body: 'x' } });
  const { id } = sent.json<{ id: string }>();
  await viewer.ask('GET', '/api/v1/exchanges?limit=1');
  for (const format of ['har', 'jsonl', 'csv'])
    for (const method of ['POST', 'TRACE']) await viewer.ask('GET', `/api/v1/exchanges.${format}?method=${method}`);
  for (const part of ['', '/request-body', '/response-body']) {
    await viewer.ask('GET', `/api/v1/exchanges/${id}${part}`);
    await viewer.ask('GET', `/api/v1/exchanges/none${part}`);
  }
  await editor.ask('POST', '/api/v1/exchanges/imports', { json: JSON.parse(harOf(harEntry())) });
  await editor.ask('POST', `/api/v1/exchanges/${id}/replays`);
  for (const pinned of [id, 'none']) {
    await editor.ask('PUT', `/api/v1/exchanges/${pinned}/pin`, { json: { note: 'Kept' } });
    await viewer.ask('GET', `/api/v1/exchanges/${pinned}/pin`);
    await editor.ask('DELETE', `/api/v1/exchanges/${pinned}/pin`);
  }
  await showDeletion(world, id, slug);
  await editor.ask('POST', callsOf('nobody-has-this'), GET);
  await editor.ask('POST', '/api/v1/exchanges/none/replays');
  await showRefusals(world);
  await showConflicts(world);
  await showUnavailable(world);
}

async function showDeletion({ owner, editor, api }: World, id: string, slug: string): Promise<void> {
  for (const one of [id, id, 'none']) await owner.ask('DELETE', `/api/v1/exchanges/${one}`);
  for (const part of ['', '/request-body', '/response-body', '/pin'])
    await owner.ask('GET', `/api/v1/exchanges/${id}${part}`);
  await owner.ask('PUT', `/api/v1/exchanges/${id}/pin`, { json: {} });
  await owner.ask('DELETE', `/api/v1/exchanges/${id}/pin`);
  await owner.ask('POST', `/api/v1/exchanges/${id}/replays`);

  const held = hold('answer');
  api.next(held.fault);
  const sent = editor.ask('POST', callsOf(slug), { json: { method: 'POST', path: '/orders' } });
  await held.reached;
  const { items } = (await owner.ask('GET', '/api/v1/exchanges?outcome=pending')).json<{ items: { id: string }[] }>();
  await owner.ask('DELETE', `/api/v1/exchanges/${items[0]!.id}`);
  held.release();
  await sent;
}

async function showRefusals(world: World): Promise<void> {
  const { owner, provider } = world;
  const spent = await callerWith(world, pastedGrant(world));
  provider.next({ status: 400, body: { error: 'invalid_grant' } });
  await owner.ask('POST', `/api/v1/connections/${spent.slug}/grant/renewals`);
  await spent.sendBoth();

  const revoked = await callerWith(world, pastedGrant(world));
  await owner.ask('DELETE', `/api/v1/connections/${revoked.slug}/grant`);
  await revoked.sendBoth();

  const unknown = await callerWith(world);
  const json = { auth: { clientId: 'another-client' } };
  await owner.ask('PATCH', `/api/v1/connections/${unknown.slug}`, { json });
  await owner.ask('POST', `/api/v1/connections/${unknown.slug}/grant/renewals`);
  await unknown.sendBoth();
}

async function showConflicts(world: World): Promise<void> {
  const { editor, owner, provider } = world;
  const gone = await callerWith(world);
  await owner.ask('DELETE', `/api/v1/connections/${gone.slug}`);
  await gone.sendBoth();

  const slug = await connected(world);
  const held = hold('answer');
  provider.next(held.fault);
  const call = editor.ask('POST', callsOf(slug), GET);
  await held.reached;
  await owner.ask('PATCH', `/api/v1/connections/${slug}`, { json: { width: 3 } });
  held.release();
  await call;
}

async function showUnavailable(world: World): Promise<void> {
  const away = await callerWith(world);
  world.app.clock.advance(LONGER_THAN_ANY_TOKEN_MS);
  world.provider.next({ status: 503 });
  await away.sendBoth();
}

async function callerWith(world: World, auth: object = {}): Promise<Caller> {
  const { editor } = world;
  const slug = await connected(world, auth);
  const sent = await editor.ask('POST', callsOf(slug), GET);
  const { id } = sent.json<{ id: string }>();
  return {
    slug,
    async sendBoth() {
      await editor.ask('POST', callsOf(slug), GET);
      await editor.ask('POST', `/api/v1/exchanges/${id}/replays`);
    },
  };
}

function callsOf(slug: string): string {
  return `/api/v1/connections/${slug}/exchanges`;
}
