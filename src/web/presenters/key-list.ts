import { type Role, ROLES } from '../../kernel/role.ts';
import type { ToldApiKey } from '../../services/keys/api-keys.ts';
import { KEY_LIVES } from '../forms/key-form.ts';
import { agoText, moment } from './measures.ts';

const STATE_WORDS = { usable: 'usable', expired: 'expired', revoked: 'revoked' } as const;
const ROLE_WORDS = {
  viewer: 'Viewer: looks, asks for fresh grants',
  editor: 'Editor: sends calls, renews grants',
  owner: 'Owner: everything programs may do',
} as const satisfies Record<Role, string>;

/** A key that was made just now, with the key itself. */
export interface MadeKey {
  readonly name: string;
  readonly key: string;
}

/** What the page of API keys is made of; `values` are what was typed, `errors` by field name. */
export interface KeyListParts {
  readonly keys: readonly ToldApiKey[];
  readonly made?: MadeKey | null;
  readonly values?: Readonly<Record<string, string>>;
  readonly errors?: Readonly<Record<string, string>>;
}

/** What an owner sees of the workspace's API keys: usable ones first, of each kind the newest first. */
export function keyList({ keys, made = null, values = {}, errors = {} }: KeyListParts, now: Date) {
  const { name = '', role = 'editor', expires = '90' } = values;
  return {
    title: 'API keys',
    made: made && { name: made.name, key: made.key },
    keys: keys.toSorted((one, other) => Number(isOver(one)) - Number(isOver(other))).map((key) => keyRow(key, now)),
    name,
    roles: ROLES.map((value) => ({ value, text: ROLE_WORDS[value], isChosen: value === role })),
    lives: KEY_LIVES.map((value) => ({ value, text: lifeWord(value), isChosen: value === expires })),
    errors: {
      form: errors[''] ?? null,
      name: errors.name ?? null,
      role: errors.role ?? null,
      expires: errors.expires ?? errors.expiresAt ?? null,
    },
  };
}

function keyRow(key: ToldApiKey, now: Date) {
  const { id, name, role, ending, createdBy, createdAt, lastUsedAt, expiresAt, revokedAt, state } = key;
  return {
    name,
    role,
    ending,
    created: moment(createdAt),
    createdBy: createdBy ?? 'the command line',
    lastUsed: lastUsedAt ? agoText(lastUsedAt, now) : 'never',
    expires: expiresAt && moment(expiresAt),
    state,
    stateWord: STATE_WORDS[state],
    revoked: revokedAt && moment(revokedAt),
    revocation: state === 'revoked' ? null : `/keys/${id}/revocation`,
  };
}

function isOver({ state }: ToldApiKey): boolean {
  return state !== 'usable';
}

function lifeWord(life: (typeof KEY_LIVES)[number]): string {
  return life === 'never' ? 'Never' : `After ${life} days`;
}
