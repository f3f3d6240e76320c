import { EXIT, type Terminal } from './terminal/terminal.ts';
import { WrongUse } from './terminal/refusal.ts';
import { table } from './terminal/table.ts';
import type { Verb } from './terminal/verb.ts';
import { type AtWork, openingParts, withWorkings } from './with-workings.ts';

interface Wanted {
  readonly make?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

type Rotation = AtWork['workings']['keyRotation'];
type KeyUses = Awaited<ReturnType<Rotation['uses']>>;

const TELL_EVERY_MS = 1_000;

/** `callbook rotate-key`: from one key that seals to the next. */
export function rotateKeyCommand(program: Verb, terminal: Terminal): void {
  program
    .command('rotate-key')
    .saying({
      summary: 'Seal everything anew with the first key, while Callbook runs',
      more: [
        'First put a new key before the old one and restart: in APP_KEY with a comma between, or with --make in app.key.',
        'Then run this. It may be cut off and run again. Keep the old key as long as you keep backups from its time.',
      ].join(' '),
      examples: ['callbook rotate-key --dry-run', 'callbook rotate-key --make', 'callbook rotate-key'],
    })
    .option('--make', 'only put a new key before the others in app.key; Callbook must not run')
    .option('--dry-run', 'only count what each key has sealed')
    .option('--json', 'print {"first", "values", "broken", "unused", "uses"}')
    .action(async (wanted: Wanted) => {
      if (wanted.make) return makeKey(terminal, wanted);
      await withWorkings(terminal, (at) =>
        wanted.dryRun ? showUses(terminal, at, wanted) : reseal(terminal, at, wanted),
      );
    });
}

async function makeKey(terminal: Terminal, { json }: Wanted): Promise<void> {
  const parts = await openingParts(terminal);
  const { config } = parts;
  if (config.appKeys)
    throw new WrongUse('APP_KEY is given: put a new key and a comma before it. Make one with: openssl rand -base64 32');
  const running = await withWorkings(terminal, ({ workings }) => workings.keyRotation.running());
  if (running.length > 0)
    throw new WrongUse(
      `Process ${running.map(({ pid }) => pid).join(', ')} runs and would not know the new key. Stop it first. Nothing was changed.`,
    );
  const { addFirstKey } = await import('../opening.ts');
  addFirstKey(parts);
  if (json) return terminal.printJson({ file: config.appKeyFile });
  await terminal.print(`${config.appKeyFile} has a new first key. Start Callbook, then run "callbook rotate-key".`);
}

async function showUses(terminal: Terminal, { workings }: AtWork, { json }: Wanted): Promise<void> {
  const { keyRotation } = workings;
  const uses = await keyRotation.uses();
  if (json) return terminal.printJson({ first: keyRotation.keys.first, uses });
  await terminal.print(usesText(uses, keyRotation.keys));
}

async function reseal(terminal: Terminal, { workings }: AtWork, { json }: Wanted): Promise<void> {
  const { keyRotation } = workings;
  let toldAt = performance.now();
  const { values, broken } = await keyRotation.reseal((done) => {
    if (performance.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = performance.now();
    terminal.tell(`${done.toLocaleString('en')} values are sealed anew so far.`);
  });
  const unused = await keyRotation.forgetUnused();
  if (broken.length > 0) terminal.exitCode = EXIT.no;
  if (json) {
    const { first } = keyRotation.keys;
    return terminal.printJson({ first, values, broken, unused, uses: await keyRotation.uses() });
  }
  await terminal.print(usesText(await keyRotation.uses(), keyRotation.keys));
  terminal.tell(`Sealed anew: ${values.toLocaleString('en')}.`);
  for (const place of broken) terminal.tell(`${place} opens with no key that is here. Enter it anew.`);
  if (unused.length > 0)
    terminal.tell(`Nothing needs key ${unused.join(', ')} any more but backups from its time: it may be taken away.`);
}

function usesText(uses: KeyUses, keys: Rotation['keys']): string {
  const known = [keys.first, ...keys.others];
  const strange = uses.map(({ kid }) => kid).filter((kid) => !known.includes(kid));
  const rows = [...known, ...strange].map((kid) => [
    kid,
    String(uses.find((use) => use.kid === kid)?.values ?? 0),
    kid === keys.first ? 'seals' : known.includes(kid) ? 'opens' : 'is not here',
  ]);
  return table(['KEY', 'VALUES', ''], rows);
}
