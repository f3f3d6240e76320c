import type { GrantTelling } from '../../kernel/grant-telling.ts';
import type { Connection } from '../../model/connection.ts';
import type { DeviceState } from '../../model/device-attempt.ts';
import type { DeviceAsk, DeviceTelling } from '../../services/connections/device-telling.ts';
import { grantView } from './grant-view.ts';
import { moment, spanText } from './measures.ts';
import { qrCode } from './qr-code.ts';
import { hostOf } from './url-host.ts';

/** Seconds between two looks of a page that waits. */
const LOOK_S = 3;

const HEADINGS: Record<DeviceState, string> = {
  pending: 'Consent on another device',
  granted: 'The grant is here',
  refused: 'Access was not granted',
  expired: 'The code has expired',
  failed: 'No grant came of it',
  cancelled: 'This consent was ended',
};

/** What the page shows that says what a consent on another device is. `waiting` is the id of one that is under way. */
export function deviceStartPage(connection: Connection, telling: GrantTelling, waiting: string | null, now: Date) {
  const { auth, name } = connection;
  const settings = auth.type === 'oauth2' ? auth : null;
  const href = `/connections/${connection.slug}`;
  return {
    title: `Consent on another device for ${name}`,
    name,
    href,
    action: `${href}/devices`,
    provider: hostOf(settings?.deviceAuthorizationUrl ?? null),
    scopes: (settings?.scope ?? '').split(' ').filter((scope) => scope !== ''),
    clientId: settings?.clientId ?? null,
    grant: grantView(telling, now),
    waitingHref: waiting && `${href}/devices/${waiting}`,
  };
}

/** What the page shows that a person reads the code off, and how it ended once it did. */
export function devicePage(connection: Connection, telling: DeviceTelling, now: Date) {
  const { state, detail, reason, expiresAt, startedBy, ask } = telling;
  const { name, slug } = connection;
  const href = `/connections/${slug}`;
  const own = `${href}/devices/${telling.id}`;
  return {
    title: `${HEADINGS[state]}: ${name}`,
    heading: HEADINGS[state],
    name,
    href,
    own,
    stateHref: `${own}/state`,
    stopAction: `${own}/deletion`,
    againAction: `${href}/devices`,
    state,
    /** For browsers without scripts: how often the page loads itself again, in seconds. */
    reload: state === 'pending' ? LOOK_S : null,
    ask: ask && askView(ask),
    trouble: state === 'pending' ? (detail ?? '') : '',
    sentence: state === 'granted' ? GRANTED : (detail ?? ''),
    code: state === 'pending' || state === 'granted' ? null : reason,
    startedBy,
    expires: moment(expiresAt),
    secondsLeft: secondsUntil(expiresAt, now),
    left: spanText(secondsUntil(expiresAt, now)),
  };
}

/** What the waiting page's script may know: no code, no address, no token. Seconds where a name says so. */
export function deviceState({ state, detail, expiresAt }: DeviceTelling, now: Date) {
  const isWaiting = state === 'pending';
  return {
    state,
    detail: isWaiting ? detail : null,
    secondsLeft: isWaiting ? secondsUntil(expiresAt, now) : null,
    nextCheckIn: isWaiting ? LOOK_S : null,
  };
}

/** What the page shows when the provider gave no code to consent with. */
export function deviceFailedPage({ name, slug }: Connection, detail: string, code: string) {
  const href = `/connections/${slug}`;
  return { title: 'No code came', name, href, retryHref: `${href}/device`, detail, code };
}

const GRANTED = 'The provider gave the grant. Calls of this connection use it from now on, and it is kept fresh.';

function askView({ userCode, verificationUri, link, directLink }: DeviceAsk) {
  return {
    userCode,
    verificationUri,
    link,
    directLink,
    provider: hostOf(verificationUri) ?? 'the provider',
    qr: directLink === null ? null : qrCode(directLink),
  };
}

function secondsUntil(moment: Date, now: Date): number {
  return Math.max(0, Math.ceil((moment.getTime() - now.getTime()) / 1000));
}
