/** The client that the practice provider knows. */
export interface PracticeClient {
  readonly id: string;
  readonly secret: string;
}

/** A connection to the practice API, as `POST /api/v1/connections` takes it. */
export function practiceConnection(origin: string, client: PracticeClient) {
  return {
    name: 'Practice API',
    slug: 'practice',
    baseUrl: `${origin}/api`,
    origins: [],
    headers: [['accept', 'application/json']] as [string, string][],
    auth: {
      type: 'oauth2' as const,
      grantType: 'authorization_code' as const,
      tokenUrl: `${origin}/token`,
      authorizationUrl: `${origin}/auth?prompt=consent`,
      revocationUrl: `${origin}/token/revocation`,
      issuer: origin,
      clientId: client.id,
      clientSecret: client.secret,
      clientAuthentication: 'client_secret_basic' as const,
      scope: 'orders offline_access',
      replaySeconds: 0,
    },
  };
}
