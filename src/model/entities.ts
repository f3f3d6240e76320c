import { ApiKey } from './api-key.ts';
import { BodyChunk } from './body-chunk.ts';
import { Body } from './body.ts';
import { Connection } from './connection.ts';
import { ConsentAttempt } from './consent-attempt.ts';
import { DeviceAttempt } from './device-attempt.ts';
import { Exchange } from './exchange.ts';
import { Grant } from './grant.ts';
import { Instance } from './instance.ts';
import { Invitation } from './invitation.ts';
import { LooseBody } from './loose-body.ts';
import { Membership } from './membership.ts';
import { Meta } from './meta.ts';
import { Pin } from './pin.ts';
import { ProviderMetadata } from './provider-metadata.ts';
import { RateLimit } from './rate-limit.ts';
import { RecordSize } from './record-size.ts';
import { RefreshAttempt } from './refresh-attempt.ts';
import { SignIn } from './sign-in.ts';
import { Tombstone } from './tombstone.ts';
import { User } from './user.ts';
import { Workspace } from './workspace.ts';

/** Every entity there is, for the ORM. */
export const entities = [
  Workspace,
  User,
  Membership,
  SignIn,
  Invitation,
  ApiKey,
  RateLimit,
  Instance,
  Meta,
  Connection,
  Grant,
  RefreshAttempt,
  ConsentAttempt,
  DeviceAttempt,
  ProviderMetadata,
  Exchange,
  Pin,
  Body,
  BodyChunk,
  Tombstone,
  LooseBody,
  RecordSize,
];
