import { hold } from '../../../support/provider.ts';
import { connected, connection, pastedGrant, type World } from '../world.ts';

/** Every reply of the operations on connections. */
export async function showConnections(world: World): Promise<void> {
  const { owner, editor, viewer, provider, stranger } = world;
  const every = [
    { type: 'none' },
    { type: 'basic', username: 'someone', password: 'a password of ours' },
    { type: 'bearer', token: 'a-static-token-of-ours' },
    { type: 'apiKey', in: 'query', name: 'key', value: 'an-api-key-of-ours' },
  ];
  for (const auth of every)
    await editor.ask('POST', '/api/v1/connections', { json: { ...connection(world), name: `By ${auth.type}`, auth } });
  const slug = await connected(world, pastedGrant(world), {
    maskNames: ['session'],
    headers: [['accept', 'text/plain']],
  });

  await viewer.ask('GET', '/api/v1/connections?limit=2');
  await viewer.ask('GET', '/api/v1/connections');
  await viewer.ask('HEAD', '/api/v1/connections');
  await viewer.ask('GET', `/api/v1/connections/${slug}`);
  await viewer.ask('GET', '/api/v1/connections/nobody-has-this');
  await owner.ask('PATCH', `/api/v1/connections/${slug}`, { json: { width: 2 } });
  await owner.ask('PATCH', '/api/v1/connections/nobody-has-this', { json: { width: 2 } });
  await owner.ask('DELETE', '/api/v1/connections/nobody-has-this');

  const held = hold('request');
  provider.next(held.fault);
  const renewal = owner.ask('POST', `/api/v1/connections/${slug}/grant/renewals`);
  await held.reached;
  await owner.ask('PATCH', `/api/v1/connections/${slug}`, { json: { auth: { scope: 'another' } } });
  held.release();
  await renewal;
  await owner.ask('DELETE', `/api/v1/connections/${slug}`);

  const described = await stranger().ask('GET', '/api/openapi.json');
  await stranger({ 'if-none-match': described.headers.get('etag') ?? '' }).ask('GET', '/api/openapi.json');
}
