import { createPrivateKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { session, withSession } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { type OAuth2Settings, USUAL_OAUTH2 } from '../../../src/kernel/auth.ts';
import { Workspace } from '../../../src/model/workspace.ts';
import { withMadeKeys } from '../../../src/services/connections/made-keys.ts';
import { openApp, type TestApp } from '../../support/app.ts';

let app: TestApp;
let workspaceId: string;
beforeAll(async () => {
  app = await openApp();
  ({ id: workspaceId } = await withSystem(() => session.findOneOrFail(Workspace, { name: { $ne: '' } })));
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const SIGNED: OAuth2Settings = {
  ...USUAL_OAUTH2,
  type: 'oauth2',
  grantType: 'client_credentials',
  tokenUrl: 'https://idp.example/token',
  clientId: 'callbook',
  clientAuthentication: 'private_key_jwt',
  signingAlgorithm: 'RS256',
};

const kindOf = (pem = '') => createPrivateKey(pem).asymmetricKeyType;

/** Whether somebody else gets the write lock just now. */
function isFree(other: Database.Database): boolean {
  try {
    other.exec('begin immediate; rollback');
    return true;
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || error.code !== 'SQLITE_BUSY') throw error;
    return false;
  }
}

describe('a key that a connection needs and nobody gave', () => {
  test('is made while no transaction is open: everybody else may write meanwhile', async () => {
    const other = new Database(app.databaseFile, { timeout: 0 });
    const now = { tries: 0, isMaking: false };
    let locks = 0;
    const made = withSession(workspaceId, () =>
      withMadeKeys((keys) =>
        session.transactional(async () => {
          now.tries += 1;
          now.isMaking = now.tries === 1;
          return keys.complete(SIGNED, { clientSecret: 'kept' });
        }),
      ),
    );

    while (now.tries === 0) await new Promise(setImmediate);
    while (now.isMaking) {
      locks += isFree(other) ? 1 : 0;
      await new Promise(setImmediate);
    }
    other.close();

    const { privateKey, ...rest } = await made;
    expect(kindOf(privateKey)).toBe('rsa');
    expect(rest).toEqual({ clientSecret: 'kept' });
    expect(now.tries).toBe(2);
    expect(locks).toBeGreaterThan(0);
  });

  test('is another for each that is needed, and none where all are there', async () => {
    const both: OAuth2Settings = { ...SIGNED, signingAlgorithm: 'ES256', dpop: true };
    let tries = 0;
    const complete = (secrets: object) =>
      withMadeKeys(async (keys) => {
        tries += 1;
        return keys.complete(both, secrets);
      });

    const secrets = await complete({});
    expect([kindOf(secrets.privateKey), kindOf(secrets.dpopKey), tries]).toEqual(['ec', 'ec', 2]);
    expect(secrets.privateKey).not.toBe(secrets.dpopKey);
    expect(await complete(secrets)).toEqual(secrets);
    expect(tries).toBe(3);
  });

  test('is not made for work that fails, and the failure goes on', async () => {
    const failing = withMadeKeys(() => Promise.reject(new Error('planted')));

    await expect(failing).rejects.toThrow('planted');
  });
});
