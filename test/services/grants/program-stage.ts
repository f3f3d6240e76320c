import { newKey } from '../../support/keys.ts';
import { Program, withKey } from '../../support/program.ts';
import type { ProviderOptions } from '../../support/provider.ts';
import { openStage, type Stage } from './stage.ts';

/** A stage with a program that makes connections: it may say every setting there is. */
export interface ProgramStage extends AsyncDisposable {
  readonly stage: Stage;
  readonly program: Program;
  /** Makes a connection with these OAuth settings besides the usual ones; gives its slug. */
  connect(auth: object, more?: object): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Sets a stage with a program on it; one at a time in a test file. */
export async function openProgramStage(options: ProviderOptions = {}): Promise<ProgramStage> {
  const stage = await openStage(options);
  const { provider, api, app, owner } = stage;
  const program = new Program(app.url, withKey(await newKey(owner, 'owner')));
  const usual = {
    type: 'oauth2',
    grantType: 'client_credentials',
    tokenUrl: provider.tokenUrl,
    clientId: provider.clientId,
    clientSecret: provider.clientSecret,
  };
  return {
    stage,
    program,
    async connect(auth, more = {}) {
      const json = { name: 'Partner', baseUrl: api.origin, auth: { ...usual, ...auth }, ...more };
      const reply = await program.ask('POST', '/api/v1/connections', { json });
      if (reply.status !== 201) throw new Error(`The connection was not made: ${reply.status} ${reply.text}`);
      return reply.json<{ slug: string }>().slug;
    },
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  };
}
