import { foldName } from './folding.ts';
import { type IsMember, isMember } from './member-names.ts';

/** Headers whose whole value is masked, in lower case. */
const HEADERS = new Set(
  `authorization proxy-authorization cookie set-cookie x-api-key api-key apikey x-auth-token x-access-token x-csrf-token
   x-xsrf-token x-amz-security-token x-goog-api-key x-goog-iam-authorization-token x-shopify-access-token x-vault-token
   callbook-key private-token x-gitlab-token x-figma-token dpop x-client-secret x-session-id`.split(/\s+/),
);
const HEADER_WORDS = /token|secret|api[-_]?key|passw|credential|signature|session/;
/** Words about credentials, none themselves (the Fetch standard's CORS headers). */
const HARMLESS_HEADERS = /^access-control-/;

const MEMBERS = fold(
  'access_token refresh_token id_token client_secret client_assertion password private_key api_key'.split(' '),
);
const FIELDS = fold(
  `access_token refresh_token id_token token code code_verifier device_code user_code verification_uri_complete
   request_uri state nonce client_secret client_assertion assertion subject_token actor_token password passwd pwd
   passphrase secret private_key api_key apikey key sig signature sas x-amz-signature x-amz-credential
   x-amz-security-token samlresponse otp pin card_number cvv`.split(/\s+/),
);
/** In log lines these are words about the app itself: an error's code, a grant's state, a pinned exchange. */
const ORDINARY_IN_LOGS = fold(['code', 'state', 'key', 'pin']);
const MOST_KNOWN = 1000;

interface Wishes {
  /** True for token, authorisation and device calls: the long list in JSON too. */
  readonly wide: boolean;
  readonly maskNames?: readonly string[];
  readonly unmaskNames?: readonly string[];
}

/** Says which names hold secrets. Names to mask win over names to spare; `authorization` is never spared. */
export class Names {
  /** Is this JSON member, as it stands between its quotes, masked? */
  readonly isMember: IsMember;
  /** Is this query or form field masked? `user[password]` is a password. */
  readonly isField = (name: string): boolean => known(this.#knownFields, name, () => this.#judgeField(name));
  readonly #fields: ReadonlySet<string>;
  readonly #extra: ReadonlySet<string>;
  readonly #spared: ReadonlySet<string>;
  readonly #knownHeaders = new Map<string, boolean>();
  readonly #knownFields = new Map<string, boolean>();

  constructor({ wide, maskNames = [], unmaskNames = [] }: Wishes) {
    this.#extra = fold(maskNames);
    this.#spared = new Set([...fold(unmaskNames)].filter((name) => !this.#extra.has(name)));
    this.#fields = this.#with(FIELDS);
    this.isMember = isMember(wide ? this.#fields : this.#with(MEMBERS));
  }

  /** Is this header's whole value masked? */
  isHeader(name: string): boolean {
    return known(this.#knownHeaders, name, () => this.#judgeHeader(name.toLowerCase()));
  }

  #judgeField(name: string): boolean {
    if (this.#fields.has(foldName(name))) return true;
    const last = /([^[\].]+)[[\].]*$/.exec(name)?.[1];
    return last !== undefined && last !== name && this.#fields.has(foldName(last));
  }

  #with(list: ReadonlySet<string>): ReadonlySet<string> {
    return new Set([...list, ...this.#extra].filter((name) => !this.#spared.has(name)));
  }

  #judgeHeader(name: string): boolean {
    if (name === 'authorization' || name === 'proxy-authorization') return true;
    const folded = foldName(name);
    if (this.#extra.has(folded)) return true;
    if (this.#spared.has(folded)) return false;
    return isSecretHeader(name);
  }
}

function known(answers: Map<string, boolean>, name: string, judge: () => boolean): boolean {
  const before = answers.get(name);
  if (before !== undefined) return before;
  const answer = judge();
  if (answers.size < MOST_KNOWN) answers.set(name, answer);
  return answer;
}

/** Does a header of this name hold a secret, as far as names tell? */
function isSecretHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return HEADERS.has(lower) || (HEADER_WORDS.test(lower) && !HARMLESS_HEADERS.test(lower));
}

/** Is a fact of this name, or a value after it in a log line, masked? */
export function isLogName(name: string): boolean {
  const folded = foldName(name);
  return HEADERS.has(name.toLowerCase()) || (FIELDS.has(folded) && !ORDINARY_IN_LOGS.has(folded));
}

function fold(names: readonly string[]): Set<string> {
  return new Set(names.map(foldName));
}
