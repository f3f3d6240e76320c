import { defineEntity, p } from '@mikro-orm/core';
import { identified } from './workspace-bound.ts';

const SignInSchema = defineEntity({
  name: 'SignIn',
  tableName: 'sign_in',
  properties: {
    ...identified,
    userId: p.uuid().index(),
    workspaceId: p.uuid(),
    /** SHA-256 (hex) of the cookie's value; the value itself is nowhere here. */
    tokenHash: p.string().length(64).unique(),
    address: p.string().length(64),
    userAgent: p.string().length(255),
    createdAt: p.datetime(),
    lastSeenAt: p.datetime(),
    expiresAt: p.datetime(),
  },
});

/** One browser that is signed in. */
export class SignIn extends SignInSchema.class {}

SignInSchema.setClass(SignIn);
