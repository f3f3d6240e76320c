import type { HeldGrant } from '../../db/queries/held-grant.ts';
import { session } from '../../db/session.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { NewId } from '../../kernel/ids.ts';
import type { Send } from '../../kernel/outbound.ts';
import type { Vault } from '../../kernel/vault.ts';
import {
  type DeviceReply,
  deviceAuthorizationRequest,
  readDeviceAuthorization,
} from '../../oauth/device-authorization.ts';
import type { Draft, ExchangeJournal } from '../exchanges/exchange-journal.ts';
import { whilePending } from '../exchanges/while-pending.ts';
import { openSecrets } from '../grants/held-secrets.ts';
import { openTokens } from '../grants/live-secrets.ts';
import { callProvider, tokenCallMasker } from '../grants/token-call.ts';

/** What the device endpoint answered, and when it was asked: codes run out from then on. */
export interface DeviceAnswer {
  readonly reply: DeviceReply;
  readonly askedAt: Date;
}

export interface DeviceRequestParts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly vault: Vault;
  readonly journal: ExchangeJournal;
  readonly send: Send;
}

/** Asks a provider's device endpoint for codes, on record as an exchange without them. */
export class DeviceRequest {
  readonly #parts: DeviceRequestParts;

  constructor(parts: DeviceRequestParts) {
    this.#parts = parts;
  }

  /** Throws `Misconfigured` where the request cannot be made; nothing is on record then. No transaction may be open. */
  async ask(grant: HeldGrant, sentBy: string): Promise<DeviceAnswer> {
    const { clock, newId, vault, journal, send } = this.#parts;
    const secrets = openSecrets(vault, grant.connectionId, grant.sealedSecrets);
    const held = openTokens(vault, grant);
    const masker = (reply?: DeviceReply) => tokenCallMasker(grant.auth, secrets, [...held, ...codesOf(reply)]);
    const request = await deviceAuthorizationRequest(grant.auth, secrets, { clock, newId });
    const draft = this.#draft(grant, request, sentBy);
    await session.transactional(() => journal.begin(draft, masker()));

    const client = { settings: grant.auth, secrets, certificateAuthorities: grant.certificateAuthorities };
    return whilePending(this.#parts, draft, async () => {
      const result = await callProvider(send, request, masker(), client);
      const reply = readDeviceAuthorization(result, (words) => masker().text(words));
      const settlement = { result, generation: grant.generation, hops: result.hops, attempts: 1 };
      await session.transactional(() => journal.settle(draft, settlement, masker(reply)));
      return { reply, askedAt: result.startedAt };
    });
  }

  #draft(
    { connectionId, slug, name, workspaceId, generation }: HeldGrant,
    request: Draft['request'],
    sentBy: string,
  ): Draft {
    const { clock, newId } = this.#parts;
    const connection = { id: connectionId, slug, name };
    return {
      id: newId(),
      workspaceId,
      kind: 'device',
      connection,
      generation,
      request,
      sentBy,
      startedAt: clock.now(),
    };
  }
}

/** What of an answer must not be seen: the codes, and the address that holds one. */
function codesOf(reply?: DeviceReply): (string | null)[] {
  if (reply?.kind !== 'started') return [];
  const { deviceCode, userCode, completeUri } = reply.authorization;
  return [deviceCode, userCode, completeUri];
}
