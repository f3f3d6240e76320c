import { connected, pastedGrant, type World } from '../world.ts';

/** Every reply of the operations on grants. */
export async function showGrants(world: World): Promise<void> {
  const { owner, viewer, provider } = world;
  const renew = (slug: string) => owner.ask('POST', `/api/v1/connections/${slug}/grant/renewals`);

  const slug = await connected(world, pastedGrant(world));
  await viewer.ask('GET', `/api/v1/connections/${slug}/grant`);
  await viewer.ask('GET', '/api/v1/connections/nobody-has-this/grant');
  await renew('nobody-has-this');
  await renew(slug);
  await viewer.ask('GET', `/api/v1/connections/${slug}/grant`);
  provider.next({ status: 503, headers: { 'retry-after': '7' } });
  await renew(slug);
  await owner.ask('DELETE', `/api/v1/connections/${slug}/grant`);
  await renew(slug);
  await owner.ask('DELETE', '/api/v1/connections/nobody-has-this/grant');

  const refused = await connected(world, pastedGrant(world));
  provider.next({ status: 400, body: { error: 'invalid_grant' } });
  await renew(refused);
  await viewer.ask('GET', `/api/v1/connections/${refused}/grant`);

  const misconfigured = await connected(world, { clientId: 'another-client' });
  await renew(misconfigured);
  await viewer.ask('GET', `/api/v1/connections/${misconfigured}/grant`);

  const json = {
    name: 'Fixed',
    slug: 'fixed',
    baseUrl: world.api.origin,
    auth: { type: 'bearer', token: 'never-changes' },
  };
  await owner.ask('POST', '/api/v1/connections', { json });
  await renew('fixed');
  await owner.ask('DELETE', '/api/v1/connections/fixed/grant');
  await viewer.ask('GET', '/api/v1/connections/fixed/grant');
}
