import type { SuggestedSettings } from '../../services/connections/discovery.ts';

/** More would bury the rest. */
const MOST_WORDS = 40;

const LABELS: Readonly<Record<string, string>> = {
  tokenUrl: 'Token URL',
  authorizationUrl: 'Authorisation URL',
  revocationUrl: 'Revocation URL',
  introspectionUrl: 'Introspection URL',
  deviceAuthorizationUrl: 'Device authorisation URL',
  pushedAuthorizationUrl: 'Pushed authorisation URL',
};

/** What the form shows above itself once an issuer was asked. `typed` are the fields as they were before. */
export function discoveredSettings(suggested: SuggestedSettings, typed: Readonly<Record<string, string>>) {
  const { issuer, endpoints, offers, requiresIss } = suggested;
  const filled = Object.entries(endpoints).map(([name, address]) => {
    const before = (typed[name] ?? '').trim();
    return { label: LABELS[name] ?? name, address, before: before === '' || before === address ? null : before };
  });
  return {
    issuer,
    filled,
    rules: [
      ...(requiresIss ? ['The callback of a consent has to name this issuer.'] : []),
      ...(offers.requiresPushed ? ['Requests for consent have to be pushed.'] : []),
    ],
    offers: [
      offer('Grant types', offers.grantTypes),
      offer('Client authentications', offers.clientAuthentications),
      offer('Scopes', offers.scopes),
      offer('Proofs of possession', offers.proofAlgorithms),
    ].filter((row) => row !== null),
  };
}

function offer(label: string, words: readonly string[] | null) {
  if (words === null || words.length === 0) return null;
  return { label, words: words.slice(0, MOST_WORDS), more: Math.max(0, words.length - MOST_WORDS) };
}
