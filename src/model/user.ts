import { defineEntity, p } from '@mikro-orm/core';
import { identified } from './workspace-bound.ts';

const UserSchema = defineEntity({
  name: 'User',
  tableName: 'user',
  properties: {
    ...identified,
    /** In lower case. */
    email: p.string().length(254).unique(),
    /** Argon2id in PHC string form. */
    passwordHash: p.string().length(255).hidden(),
    createdAt: p.datetime(),
  },
});

/** A person who can sign in. */
export class User extends UserSchema.class {}

UserSchema.setClass(User);
