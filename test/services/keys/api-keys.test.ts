import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { session, withSession } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { InvalidInput, NotAllowed, NotFound } from '../../../src/kernel/errors.ts';
import type { Person, Program, Role } from '../../../src/kernel/role.ts';
import { ApiKey } from '../../../src/model/api-key.ts';
import { ApiKeys } from '../../../src/services/keys/api-keys.ts';
import { EMAIL, openKeyBox } from './key-box.ts';

const DAY_MS = 86_400_000;
const WANTED = { name: 'CI', role: 'editor', expiresAt: null } as const;

type Box = Awaited<ReturnType<typeof openKeyBox>>;

function person({ workspaceId }: Box, role: Role): Person {
  return { by: 'sign-in', signInId: 's', userId: 'u', workspaceId, role, name: EMAIL };
}

function program({ workspaceId }: Box, role: Role): Program {
  return { by: 'api-key', keyId: 'k', workspaceId, role, name: 'API key CI' };
}

describe('a new API key', () => {
  test('is cbk_ and 32 bytes of chance, and only its hash and its ending are kept', async () => {
    await using box = await openKeyBox();
    const random = (size: number) => Buffer.alloc(size, 0xfb);
    const apiKeys = new ApiKeys({ ...box.parts, random });

    const made = await box.inWorkspace(() => apiKeys.create(person(box, 'owner'), WANTED));

    expect(made.key).toBe(`cbk_${Buffer.alloc(32, 0xfb).toString('base64url')}`);
    const kept = await withSystem(() => session.findAll(ApiKey));
    expect(kept).toMatchObject([
      {
        id: made.id,
        workspaceId: box.workspaceId,
        keyHash: createHash('sha256').update(made.key).digest('hex'),
        ending: made.key.slice(-4),
        createdBy: EMAIL,
        lastUsedAt: null,
        revokedAt: null,
      },
    ]);
    expect(JSON.stringify(kept)).not.toContain(made.key.slice(4, 24));
  });

  test('of the command line is created by nobody', async () => {
    await using box = await openKeyBox();

    expect(await box.make('owner')).toMatchObject({ createdBy: null, role: 'owner', state: 'usable' });
  });

  test.each(['viewer', 'editor'] as const)('is nothing that a %s may make', async (role) => {
    await using box = await openKeyBox();

    await expect(box.inWorkspace(() => box.apiKeys.create(person(box, role), WANTED))).rejects.toThrow(NotAllowed);
    expect(await box.inWorkspace(() => box.apiKeys.list())).toEqual([]);
  });

  test('is made by no API key, an owner’s neither', async () => {
    await using box = await openKeyBox();
    const { id } = await box.make('owner');

    const making = box.inWorkspace(() => box.apiKeys.create(program(box, 'owner'), WANTED));
    const revoking = box.inWorkspace(() => box.apiKeys.revoke(program(box, 'owner'), id));

    await expect(making).rejects.toThrow('An API key can make no API keys');
    await expect(revoking).rejects.toThrow(NotAllowed);
    expect(await box.inWorkspace(() => box.apiKeys.list())).toMatchObject([{ id, state: 'usable' }]);
  });

  test.each([
    ['/name', { name: '  ' }],
    ['/name', { name: 'x'.repeat(121) }],
    ['/name', { name: 'two\nlines' }],
    ['/role', { role: 'root' as Role }],
    ['/expiresAt', { expiresAt: new Date(Date.UTC(2026, 0, 1)) }],
    ['/expiresAt', { expiresAt: new Date(Number.NaN) }],
  ])('is refused with %s for %j', async (pointer, change) => {
    await using box = await openKeyBox();

    const refusal = await box
      .inWorkspace(() => box.apiKeys.create(null, { ...WANTED, ...change }))
      .catch((error: unknown) => error);

    expect(refusal).toBeInstanceOf(InvalidInput);
    expect(refusal).toMatchObject({ errors: [{ pointer }] });
  });

  test('is refused where no workspace is bound', async () => {
    await using box = await openKeyBox();

    await expect(withSystem(() => box.apiKeys.create(null, WANTED))).rejects.toThrow('needs a workspace');
  });
});

describe('the API keys of a workspace', () => {
  test('are listed with their states, the newest first, and nobody else’s', async () => {
    await using box = await openKeyBox();
    await box.make('viewer', null, await box.openAnother());
    const usable = await box.make('viewer');
    box.pass(1000);
    const revoked = await box.make('editor');
    box.pass(1000);
    const expired = await box.make('owner', new Date(box.clock.now().getTime() + DAY_MS));
    await box.inWorkspace(() => box.apiKeys.revoke(person(box, 'owner'), revoked.id));
    box.pass(DAY_MS);

    const listed = await box.inWorkspace(() => box.apiKeys.list());

    expect(listed.map(({ id, state }) => [id, state])).toEqual([
      [expired.id, 'expired'],
      [revoked.id, 'revoked'],
      [usable.id, 'usable'],
    ]);
    expect(JSON.stringify(listed)).not.toContain('keyHash');
  });

  test('stay as they were revoked first', async () => {
    await using box = await openKeyBox();
    const { id } = await box.make('viewer');
    await box.inWorkspace(() => box.apiKeys.revoke(null, id));
    const revokedAt = box.clock.now();
    box.pass(DAY_MS);

    await box.inWorkspace(() => box.apiKeys.revoke(null, id));

    expect(await box.inWorkspace(() => box.apiKeys.list())).toMatchObject([{ state: 'revoked', revokedAt }]);
  });

  test('cannot be revoked from another workspace, nor by who is no owner', async () => {
    await using box = await openKeyBox();
    const { id, key } = await box.make('viewer');
    const elsewhere = await box.openAnother();

    const foreign = withSession(elsewhere, () =>
      box.apiKeys.revoke({ ...person(box, 'owner'), workspaceId: elsewhere }, id),
    );
    const weak = box.inWorkspace(() => box.apiKeys.revoke(person(box, 'editor'), id));

    await expect(foreign).rejects.toThrow(NotFound);
    await expect(weak).rejects.toThrow(NotAllowed);
    await expect(box.keyGate.whoIs(key, '203.0.113.9')).resolves.toMatchObject({ role: 'viewer' });
  });
});
