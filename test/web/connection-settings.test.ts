import { describe, expect, test } from '@jest/globals';
import { openApp, type TestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import { formFields } from '../support/form-fields.ts';
import { rowsOf } from '../support/kept-exchanges.ts';
import { newKey } from '../support/keys.ts';
import { Program, withKey } from '../support/program.ts';
import { EVERY_SETTING, SECRETS } from './every-setting.ts';

interface Shown {
  readonly auth: Readonly<Record<string, unknown>>;
}

const rows = (app: TestApp) => rowsOf(app.databaseFile, 'select * from connection');
const grants = (app: TestApp) => rowsOf(app.databaseFile, 'select * from "grant"');

async function made(owner: Client, app: TestApp): Promise<{ readonly program: Program; readonly shown: Shown }> {
  const program = new Program(app.url, withKey(await newKey(owner, 'owner')));
  const reply = await program.ask('POST', '/api/v1/connections', { json: EVERY_SETTING });
  if (reply.status !== 201) throw new Error(reply.text);
  return { program, shown: reply.json<Shown>() };
}

describe('a connection with every setting, made by a program', () => {
  test('shows each of them as it was given, and a mark for each secret', async () => {
    await using app = await openApp();
    const { shown } = await made(await app.owner(), app);

    const marks = Object.fromEntries(Object.keys(SECRETS).map((name) => [name, { set: true }]));
    const { auth, ...plain } = EVERY_SETTING;
    expect(shown).toMatchObject(plain);
    expect(shown.auth).toEqual({ ...auth, ...marks, expiresIn: null });
  });

  test.each<[string, (html: string) => Record<string, string>]>([
    ['with all its fields', (html) => formFields(html, '/connections/everything')],
    [
      'of an older page, which has but the usual fields',
      (html) => {
        const { name, slug, baseUrl, origins, headers, ...rest } = formFields(html, '/connections/everything');
        const { timeoutMs, width, keepAlive, maskNames, authType } = rest;
        return { name, slug, baseUrl, origins, headers, timeoutMs, width, keepAlive, maskNames, authType } as Record<
          string,
          string
        >;
      },
    ],
  ])('is the same after its form was sent %s and another name', async (_what, fieldsOf) => {
    await using app = await openApp();
    const owner = await app.owner();
    const { program } = await made(owner, app);
    const { updated_at: _then, ...was } = rows(app)[0] ?? {};
    const grant = grants(app);
    const { text } = await owner.get('/connections/everything/edit');

    const reply = await owner.post('/connections/everything', { ...fieldsOf(text), name: 'Renamed' });

    const { updated_at: _now, ...is } = rows(app)[0] ?? {};
    expect([reply.status, reply.location]).toEqual([303, '/connections/everything']);
    expect(is).toEqual({ ...was, name: 'Renamed' });
    expect(grants(app)).toEqual(grant);
    expect((await program.ask('GET', '/api/v1/connections/everything')).json()).toMatchObject({ name: 'Renamed' });
  });
});
