import { type IncomingMessage, request as httpRequest } from 'node:http';
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { everyFormOf, placesOf } from '../support/absence.ts';
import { everyForm, LEAKS } from '../support/leaky-api.ts';
import { found } from '../support/residue.ts';
import { type LeakyWorld, openLeakyWorld, SECRETS, type Slug, SLUGS } from './leaky-world.ts';

const CANARY = 'a canary that nobody masks';
/** Bytes of a piece. */
const SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 16, 61];

interface Asking {
  readonly headers?: readonly string[];
  readonly body?: Buffer;
  /** Bytes of each piece of the body; whole where it is left out. */
  readonly pieces?: number;
}

/** Asks through the proxy and keeps the answer as it was on the wire, trailers included; gives its status. */
async function relay(world: LeakyWorld, path: string, asking: Asking = {}): Promise<number> {
  const { headers = [], body = Buffer.alloc(0), pieces = body.length } = asking;
  const { host } = new URL(world.app.url);
  const method = body.length > 0 ? 'POST' : 'GET';
  const always = ['Host', host, 'Connection', 'close', 'Callbook-Key', world.key, 'TE', 'trailers'];
  const request = httpRequest(world.app.url, { method, path: `/proxy/${path}`, headers: [...always, ...headers] });
  for (let at = 0; at < body.length; at += pieces) request.write(body.subarray(at, at + pieces));
  request.end();
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  // An answer that was cut off is as far as it came what somebody saw.
  const chunks: Buffer[] = [];
  answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {});
  await new Promise((resolve) => answer.once('close', resolve));
  const head = [answer.statusMessage ?? '', ...answer.rawHeaders, ...answer.rawTrailers].join('\n');
  const seen = [Buffer.from(head, 'latin1'), ...chunks];
  return world.shown.keep(`relayed ${path.slice(0, 60)}`, answer.statusCode ?? 0, Buffer.concat(seen));
}

describe('an API that tells a program behind the proxy every secret it knows', () => {
  test('is heard without them, in heads, bodies, trailers, events and pieces of every size', async () => {
    await using world = await openLeakyWorld();
    await world.connect();
    const { apis, shown, app } = world;

    for (const slug of SLUGS) {
      for (const leak of LEAKS) await relay(world, `${slug}/${leak}/here?q=${encodeURIComponent(CANARY)}`);
      for (const size of sizesFor(slug)) await relay(world, `${slug}/pieces/${size}`);
      for (const size of sizesFor(slug).slice(0, 4)) await relay(world, `${slug}/events/${size}`);
      await relay(world, `${slug}/json?told=${encodeURIComponent(SECRETS[slug])}`);
      const told = Buffer.from([CANARY, ...everyForm(SECRETS[slug])].join(' | '));
      for (const pieces of [7, 64]) await relay(world, `${slug}/text`, { body: told, pieces });
    }
    world.provider.next({ status: 400, body: { error: 'invalid_grant', error_description: SECRETS.kept } });
    app.clock.advance(700_000);
    expect(await relay(world, 'kept/json')).toBe(409);

    expect(await shown.leaks(world.secrets(), app)).toEqual([]);
    const heads = shown.places.filter(({ name }) => name.includes('/headers/'));
    expect(heads.map(({ bytes }) => bytes.includes('*redacted*'))).toEqual(SLUGS.map(() => true));
    for (const leak of LEAKS.filter((one) => !['large', 'cut', 'away', 'trailers', 'headers'].includes(one))) {
      const [first] = shown.places.filter(({ name }) => name.startsWith(`relayed bearer/${leak}/`));
      expect([leak, first?.bytes.includes('redacted')]).toEqual([leak, true]);
    }
    const almost = everyForm(SECRETS.keyed)
      .toSorted((one, other) => other.length - one.length)[0]!
      .slice(0, -1);
    expect(found({ almost: [almost] }, [...shown.places, ...(await placesOf(app))])).toEqual([]);
    const seen = apis.keyed.received.join('\n');
    expect(found({ key: [SECRETS.keyed], canary: [encodeURIComponent(CANARY)] }, [at('wire', seen)])).toHaveLength(2);
  }, 240_000);

  test('never hears what let the program and the browser in', async () => {
    await using world = await openLeakyWorld();
    await world.connect();
    const { apis, owner, key, elsewhere } = world;
    const cookies = [...owner.cookies].map(([name, value]) => `${name}=${value}`);
    const headers = ['Authorization', 'Bearer my-own-token', 'Cookie', `${cookies.join('; ')}; mine=1`];

    for (const slug of SLUGS) {
      await relay(world, `${slug}/json`, { headers });
      await relay(world, `${slug}/json`, { headers, body: Buffer.from('{}') });
      await relay(world, `${slug}/away`, { headers });
    }

    const inside = { key, own: 'my-own-token', ...Object.fromEntries(owner.cookies) };
    const heard = SLUGS.map((slug) => at(slug, apis[slug].received.join('\n')));
    expect(found(everyFormOf(inside), heard)).toEqual([]);
    expect(found({ mine: ['mine=1'] }, heard)).toHaveLength(SLUGS.length);
    expect(elsewhere.received).toEqual([]);
  });
});

/** Every small size for the shortest secret; of the long ones a piece is still a small part. */
function sizesFor(slug: Slug): readonly number[] {
  return slug === 'bearer' ? SIZES : [61, 509];
}

function at(name: string, text: string) {
  return { name, bytes: Buffer.from(text) };
}
