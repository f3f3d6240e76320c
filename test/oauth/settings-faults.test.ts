import { describe, expect, test } from '@jest/globals';
import type { OAuth2Settings } from '../../src/kernel/auth.ts';
import { oauthFaults } from '../../src/oauth/settings-faults.ts';
import { settingsWith } from './answers.ts';

const pointers = (others: Partial<OAuth2Settings>) => oauthFaults(settingsWith(others)).map(({ pointer }) => pointer);

const GOOD: Partial<OAuth2Settings>[] = [
  {},
  { tokenUrl: 'http://127.0.0.1:3001/token', authorizationUrl: 'http://localhost:3001/auth?prompt=consent' },
  { tokenUrl: 'http://[::1]:3001/token' },
  { tokenUrl: 'http://127.9.9.9/token' },
  { authorizationUrl: null, revocationUrl: null, scope: null },
  { scope: 'https://www.googleapis.example/auth/mail offline_access urn:x:y' },
  { issuer: 'https://id.partner.example/tenant', marginSeconds: 30, replaySeconds: 0 },
  { grantType: 'client_credentials', authorizationUrl: null },
  { grantType: 'authorization_code', clientAuthentication: 'none' },
];

const BAD: [Partial<OAuth2Settings>, string[]][] = [
  [{ tokenUrl: 'http://id.partner.example/token' }, ['/auth/tokenUrl']],
  [{ tokenUrl: 'http://localhost.evil.example/token' }, ['/auth/tokenUrl']],
  [{ tokenUrl: 'http://127.0.0.1.evil.example/token' }, ['/auth/tokenUrl']],
  [{ tokenUrl: 'http://10.0.0.1/token' }, ['/auth/tokenUrl']],
  [{ tokenUrl: 'https://user@id.partner.example/token' }, ['/auth/tokenUrl']],
  [{ tokenUrl: 'https://:secret@id.partner.example/token' }, ['/auth/tokenUrl']],
  [{ tokenUrl: 'https://id.partner.example/token#x' }, ['/auth/tokenUrl']],
  [{ tokenUrl: 'https://id.partner.example/token#' }, ['/auth/tokenUrl']],
  [{ tokenUrl: '/token' }, ['/auth/tokenUrl']],
  [{ tokenUrl: '' }, ['/auth/tokenUrl']],
  [{ tokenUrl: 'file:///etc/passwd' }, ['/auth/tokenUrl']],
  [{ tokenUrl: `https://id.partner.example/${'a'.repeat(9000)}` }, ['/auth/tokenUrl']],
  [{ authorizationUrl: 'javascript:alert(1)' }, ['/auth/authorizationUrl']],
  [{ revocationUrl: 'http://id.partner.example/revoke' }, ['/auth/revocationUrl']],
  [{ issuer: 'id.partner.example' }, ['/auth/issuer']],
  [{ issuer: 'https://id.partner.example/?x=1' }, ['/auth/issuer']],
  [{ grantType: 'authorization_code', authorizationUrl: null }, ['/auth/authorizationUrl']],
  [{ clientId: '' }, ['/auth/clientId']],
  [{ clientId: 'a\nb' }, ['/auth/clientId']],
  [{ scope: '' }, ['/auth/scope']],
  [{ scope: 'a  b' }, ['/auth/scope']],
  [{ scope: 'a "b"' }, ['/auth/scope']],
  [{ grantType: 'client_credentials', clientAuthentication: 'none' }, ['/auth/clientAuthentication']],
  [{ marginSeconds: -1 }, ['/auth/marginSeconds']],
  [{ replaySeconds: 1.5 }, ['/auth/replaySeconds']],
  [{ tokenUrl: 'x', clientId: '', scope: '"' }, ['/auth/tokenUrl', '/auth/clientId', '/auth/scope']],
];

describe('An OAuth 2 set-up', () => {
  test.each(GOOD)('is taken: %j', (others) => expect(pointers(others)).toEqual([]));

  test.each(BAD)('has its faults told, each at its field: %j', (others, wanted) => {
    expect(pointers(others)).toEqual(wanted);
  });
});
