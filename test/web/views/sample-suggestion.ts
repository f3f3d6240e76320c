import type { SuggestedSettings } from '../../../src/services/connections/discovery.ts';

/** What an issuer says, with a word of a test's choice wherever it may put one. */
export function sampleSuggestion(text: string): SuggestedSettings {
  const endpoints = { tokenUrl: 'https://id.partner.example/token', authorizationUrl: text };
  return {
    issuer: text,
    endpoints,
    requiresIss: true,
    clientAuthentication: 'private_key_jwt',
    offers: {
      endpoints,
      tlsEndpoints: {},
      namesItself: true,
      requiresPushed: true,
      clientAuthentications: ['private_key_jwt'],
      grantTypes: ['authorization_code'],
      scopes: [text, ...Array.from({ length: 50 }, (_, at) => `scope-${at}`)],
      proofAlgorithms: null,
    },
  };
}
