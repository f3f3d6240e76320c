import { describe, expect, test } from '@jest/globals';
import { callbook, type Ended } from '../cli/callbook.ts';
import { everyFormOf, placesOf } from '../support/absence.ts';
import { found } from '../support/residue.ts';
import { type LeakyWorld, openLeakyWorld, SECRETS } from './leaky-world.ts';

const PASSWORD = `a "new" pässword / of 30+ letters`;

/** Runs a command beside the app and keeps both of its streams. */
async function run(world: LeakyWorld, args: readonly string[], stdin = ''): Promise<Ended> {
  const env = { LOG_LEVEL: 'debug', LOG_FORMAT: 'json' };
  const ended = await callbook(args, { folder: world.app.folder, env, stdin });
  return world.shown.keep(`callbook ${args.slice(0, 4).join(' ')}`, ended, ended.bytes, ended.err);
}

describe('every command beside a Callbook with connections that are told of', () => {
  test('prints no secret; a new key is printed by the command that makes it and nothing else', async () => {
    await using world = await openLeakyWorld();
    await world.connect();
    const { shown, app, provider } = world;
    app.clock.stop();
    const path = ['--json', '-i'];

    for (const slug of ['kept', 'keyed', 'basic']) {
      const called = await run(world, ['call', slug, 'GET', '/json']);
      expect([called.code, called.err, called.out.includes('*redacted*')]).toEqual([0, expect.anything(), true]);
      await run(world, ['call', slug, 'GET', '/headers', ...path]);
      await run(world, ['connections', 'show', slug, '--json']);
    }
    await run(world, ['call', 'queried', 'POST', '/text', '-d', `x ${SECRETS.queried}`, '--json']);
    await run(world, ['call', 'bearer', 'GET', '/refusal', '-i']);
    await run(world, ['call', 'kept', 'GET', `/../${SECRETS.kept}`]);
    await run(world, ['call', 'kept', 'GET', '/x', '-H', `Authorization: ${SECRETS.kept}`]);
    await run(world, ['call', 'kept', 'GET', '/x', `--data=${SECRETS.kept}`, `--secret=${SECRETS.kept}`]);
    await run(world, ['connections', 'show', 'kept']);
    for (const more of [[], ['--json']]) {
      for (const noun of ['connections', 'keys', 'users', 'workspaces']) await run(world, [noun, 'list', ...more]);
      await run(world, ['doctor', ...more]);
      await run(world, ['migrate', 'status', ...more]);
    }
    await run(world, ['migrate', 'up']);
    await run(world, ['users', 'create', 'ada@example.org', '--role', 'viewer', '--password-stdin'], `${PASSWORD}\n`);
    await run(world, ['users', 'password', 'ada@example.org', '--password-stdin'], `${PASSWORD} 2\n`);
    const before = shown.places.length;
    const made = await run(world, ['keys', 'create', '--name', 'ci', '--role', 'viewer']);
    const told = await run(world, ['keys', 'create', '--name', 'ci', '--role', 'viewer', '--json']);
    const key = made.out.trim();
    const { key: other, id } = JSON.parse(told.out) as Record<'key' | 'id', string>;
    const places = shown.places.splice(before);
    for (const more of [[], ['--json']]) await run(world, ['keys', 'list', ...more]);
    await run(world, ['keys', 'revoke', id]);
    await run(world, ['keys', 'revoke', other]);

    const secrets = { ...world.secrets(), PASSWORD };
    expect(key).toMatch(/^cbk_[\w-]{43}$/);
    expect(found(everyFormOf(secrets), places)).toEqual([]);
    expect(places.map(({ bytes }) => bytes.toString().split('cbk_').length)).toEqual([2, 2]);
    const wrongly = shown.places.pop();
    expect(wrongly?.name).toBe(`callbook keys revoke ${other}`);
    expect(await shown.leaks({ ...secrets, key, other }, app)).toEqual([]);
    expect(found({ canary: ['ada@example.org'] }, await placesOf(app))).toContain('canary in table user');
    expect(provider.asked.total).toBeGreaterThan(0);
  }, 180_000);
});
