import { factsUnder } from '../db/queries/meta.ts';
import { session } from '../db/session.ts';
import { withSystem } from '../db/system.ts';
import { Meta } from '../model/meta.ts';
import { checkValues, whichKeysMatch } from '../secrets/key-check.ts';
import type { KeyRing } from '../secrets/keys.ts';

const KEY_CHECK = 'key-check:';

/**
 * Refuses to start with keys that do not open what the database holds. Reads only, and before anything is migrated.
 * Throws `WrongAppKey`.
 */
export async function checkAppKey(ring: KeyRing): Promise<void> {
  whichKeysMatch(ring, await storedChecks());
}

/** Notes the key that seals, so that a later start can check it. Several processes may do so at once. */
export async function noteAppKey(ring: KeyRing): Promise<void> {
  const known = new Set((await storedChecks()).map(({ kid }) => kid));
  const [primary] = checkValues(ring);
  if (!primary || known.has(primary.kid)) return;
  await withSystem(() => session.upsert(Meta, { key: `${KEY_CHECK}${primary.kid}`, value: primary.value }));
}

/** Forgets a key that seals nothing here any more, so that a later start does not ask for it. */
export async function forgetAppKey(kid: string): Promise<void> {
  await withSystem(() => session.nativeDelete(Meta, { key: `${KEY_CHECK}${kid}` }));
}

async function storedChecks() {
  const rows = await withSystem(() => factsUnder(KEY_CHECK));
  return rows.map(({ key, value }) => ({ kid: key.slice(KEY_CHECK.length), value }));
}
