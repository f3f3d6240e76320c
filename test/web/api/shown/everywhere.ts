import { request } from 'node:http';
import type { DescribedOperation } from '../../../support/openapi.ts';
import { withKey } from '../../../support/program.ts';
import { FAULT, type World } from '../world.ts';

const WRONG = withKey(`cbk_${'x'.repeat(43)}`);
const ALL_IDS = '01930000-0000-7000-8000-000000000000';
/** More than any body of ours may have. */
const TOO_MUCH = 128 * 1024 * 1024;

/** What every operation answers before it does anything: to bad keys, weak roles, unknown parameters, faults. */
export async function showEverywhere(world: World): Promise<void> {
  for (const operation of world.described.operations) await showOne(world, operation);
  await showTooMany(world);
}

async function showOne(world: World, operation: DescribedOperation): Promise<void> {
  const { method, responses } = operation;
  const { viewer, owner } = world;
  const path = filled(operation.path);
  await world.stranger(WRONG).ask(method, path);
  await world.stranger({ ...WRONG, 'callbook-key': 'cbk_another' }).ask(method, path);
  await owner.ask(method, `${path}?nobody-knows-this=1`, bodyFor(operation));
  await owner.ask(method, path, { headers: { [FAULT]: 'busy' } });
  await owner.ask(method, path, { headers: { [FAULT]: 'unexpected' } });
  if ('403' in responses) await viewer.ask(method, path, bodyFor(operation));
  if ('415' in responses) await owner.ask(method, path, { body: 'text', headers: { 'content-type': 'text/plain' } });
  if ('413' in responses) await announce(world, method, path);
}

/** Wrong keys from one address are counted; a program that holds a right one is not kept out by them. */
async function showTooMany(world: World): Promise<void> {
  const stranger = world.stranger(WRONG);
  for (let reply = await stranger.ask('GET', '/api/openapi.json'); reply.status !== 429;)
    reply = await stranger.ask('GET', '/api/openapi.json');
  for (const { method, path } of world.described.operations) await stranger.ask(method, filled(path));
}

/** Announces a large body and sends none of it. */
async function announce(world: World, method: string, path: string): Promise<void> {
  const asked = request(world.app.url + path, {
    method,
    headers: {
      cookie: [...world.browser.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/json',
      'content-length': String(TOO_MUCH),
    },
  });
  const answered = Promise.withResolvers<void>();
  asked.on('error', answered.reject);
  asked.on('response', (response) => {
    const pieces: Buffer[] = [];
    response.on('data', (piece: Buffer) => pieces.push(piece));
    response.on('end', () => {
      const headers = new Headers(Object.entries(response.headers).map(([name, value]) => [name, String(value)]));
      const text = Buffer.concat(pieces).toString();
      world.described.note(method, path, { status: response.statusCode ?? 0, headers, text });
      answered.resolve();
    });
  });
  asked.flushHeaders();
  await answered.promise.finally(() => asked.destroy());
}

/** What does not matter, because something else is refused first. */
function bodyFor({ requestBody }: DescribedOperation) {
  return requestBody ? { json: {} } : {};
}

function filled(path: string): string {
  return path.replaceAll('{slug}', 'partner').replaceAll('{id}', ALL_IDS);
}
