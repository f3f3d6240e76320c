import { type MetadataDue, metadataDue } from '../../db/queries/metadata-due.ts';
import { session, withSession } from '../../db/session.ts';
import { withSystem } from '../../db/system.ts';
import { showsCertificate } from '../../kernel/auth.ts';
import type { Clock } from '../../kernel/clock.ts';
import { NotAllowed } from '../../kernel/errors.ts';
import type { NewId } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { Actor } from '../../kernel/role.ts';
import { ProviderMetadata } from '../../model/provider-metadata.ts';
import { endpointsFor, metadataOf } from '../../oauth/issuer-metadata.ts';
import type { IssuerReader } from './issuer-reader.ts';

/** How often it is looked which issuers are to be asked. */
export const METADATA_LOOK_MS = 60_000;

/** No issuer is asked for one connection more often, whatever happens. */
const AGAIN_MS = 15 * 60_000;
const IN_USE_MS = 24 * 60 * 60_000;
/** Issuers asked in one look. */
const AT_ONCE = 16;
/** Long before anything: whoever comes first may ask. */
const NEVER = new Date(0);

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly issuers: IssuerReader;
}

/**
 * Watches which token endpoint an issuer names. What is read counts as long as HTTP says, a day at most; an endpoint
 * that moved is told and never used before an owner has decided, because a secret would go there.
 */
export class MetadataWatch {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Asks the issuers that are due, those that no other process has taken; gives how many. */
  async look(): Promise<number> {
    const now = this.#parts.clock.now();
    const before = (ms: number) => new Date(now.getTime() - ms);
    const wanted = { now, usedSince: before(IN_USE_MS), askedBefore: before(AGAIN_MS), limit: AT_ONCE };
    const due = await withSystem(() => metadataDue(wanted));
    const looks = await Promise.all(due.map((one) => this.#ask(one, now)));
    return looks.filter(Boolean).length;
  }

  /** An owner will not have the endpoint that the issuer names: it is not told again until another one is. */
  async keepOurs(actor: Actor, connectionId: string, refusedTokenUrl: string): Promise<void> {
    if (actor.role !== 'owner') throw new NotAllowed('Only an owner decides where tokens come from.');
    await session.nativeUpdate(
      ProviderMetadata,
      { connectionId, tokenUrl: refusedTokenUrl },
      { keptTokenUrl: refusedTokenUrl },
    );
  }

  async #ask(due: MetadataDue, now: Date): Promise<boolean> {
    const { auth, connectionId, workspaceId, slug, certificateAuthorities } = due;
    if (auth.type !== 'oauth2' || auth.issuer === null) return false;
    if (!(await this.#claim(due, auth.issuer, now))) return false;

    const reading = await this.#parts.issuers.read(auth.issuer, certificateAuthorities);
    if (reading.kind === 'failed') {
      this.#parts.logger.info({ connection: slug, detail: reading.detail }, 'The issuer could not be read.');
      return true;
    }
    const { tokenUrl } = endpointsFor(metadataOf(reading.document), showsCertificate(auth));
    const read = { tokenUrl, freshUntil: reading.freshUntil };
    await withSession(workspaceId, () =>
      session.nativeUpdate(ProviderMetadata, { connectionId, askedAt: now, issuer: auth.issuer as string }, read),
    );
    return true;
  }

  /** Compare-and-set on the time it was asked last: one process asks. What another issuer said is forgotten. */
  async #claim({ workspaceId, connectionId, askedAt }: MetadataDue, issuer: string, now: Date): Promise<boolean> {
    const id = this.#parts.newId();
    return withSystem(async () => {
      if (askedAt === null) {
        const row = { id, workspaceId, connectionId, issuer, tokenUrl: null, keptTokenUrl: null };
        const fields = { ...row, askedAt: NEVER, freshUntil: NEVER };
        await session.upsert(ProviderMetadata, fields, {
          onConflictFields: ['connectionId'],
          onConflictAction: 'ignore',
        });
      }
      const seen = { connectionId, askedAt: askedAt ?? NEVER };
      const other = { ...seen, issuer: { $ne: issuer } };
      const anew = { issuer, askedAt: now, tokenUrl: null, keptTokenUrl: null, freshUntil: NEVER };
      if ((await session.nativeUpdate(ProviderMetadata, other, anew)) === 1) return true;
      return (await session.nativeUpdate(ProviderMetadata, { ...seen, issuer }, { askedAt: now })) === 1;
    });
  }
}
