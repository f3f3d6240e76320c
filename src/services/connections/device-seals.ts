import type { Vault } from '../../kernel/vault.ts';
import type { DeviceAttempt } from '../../model/device-attempt.ts';
import type { DeviceAuthorization } from '../../oauth/device-authorization.ts';
import { openToken } from '../grants/live-secrets.ts';

/** The codes of a consent on another device, sealed for its row. */
export function sealedCodes(vault: Vault, id: string, { deviceCode, userCode, completeUri }: DeviceAuthorization) {
  return {
    sealedDeviceCode: vault.seal(deviceCode, placeOf(id, 'sealed_device_code')),
    sealedUserCode: vault.seal(userCode, placeOf(id, 'sealed_user_code')),
    sealedCompleteUri: completeUri === null ? null : vault.seal(completeUri, placeOf(id, 'sealed_complete_uri')),
  };
}

/** The codes, opened; each is null where it is gone or its seal is broken. */
export function openCodes(vault: Vault, attempt: DeviceAttempt) {
  const { id, sealedDeviceCode = null, sealedUserCode = null, sealedCompleteUri = null } = attempt;
  return {
    deviceCode: openToken(vault, sealedDeviceCode, placeOf(id, 'sealed_device_code')),
    userCode: openToken(vault, sealedUserCode, placeOf(id, 'sealed_user_code')),
    completeUri: openToken(vault, sealedCompleteUri, placeOf(id, 'sealed_complete_uri')),
  };
}

function placeOf(id: string, column: string) {
  return { table: 'device_attempt', column, row: id };
}
