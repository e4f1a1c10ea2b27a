import { KEY_FORMATS, type KeyFormat } from '../base/key-formats.ts';

export type { KeyFormat } from '../base/key-formats.ts';

/** First character → formats that begin with it. */
export const FORMATS_BY_START: ReadonlyMap<number, readonly KeyFormat[]> = Map.groupBy(
  KEY_FORMATS,
  ({ prefix }) => prefix.charCodeAt(0),
);
export const KEY_PREFIXES: readonly string[] = KEY_FORMATS.map(({ prefix }) => prefix);
/** Characters of the shortest known key with its prefix. */
export const KEY_MIN = 20;

/** Endings of names whose values are secrets, in lower case. */
export const SECRET_NAMES: readonly {
  readonly ending: string;
  readonly kind: 'password' | 'token';
}[] = [
  ...['password', 'passwd', 'passwort', 'passphrase', 'pwd'].map((ending) => ({
    ending,
    kind: 'password' as const,
  })),
  ...['secret', 'token', 'apikey', 'api_key', 'api-key', 'access_key', 'access-key', 'accesskey']
    .concat(['secret_key', 'secretkey', 'secret-key', 'private_key', 'privatekey', 'credential'])
    .concat(['auth_key', 'authkey', 'accountkey', 'signing_key', 'encryption_key'])
    .map((ending) => ({ ending, kind: 'token' as const })),
];

/** Blanks and quotation marks between a name and its sign. */
export const NAME_GAP = 3;

/** RFC 7468 §2 and §10: how the first line of a private key of any kind begins, and what it says. */
export const PEM_START = '-----BEGIN';
export const PEM_TITLE = 'PRIVATE KEY';
