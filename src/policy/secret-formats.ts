/** Keys that vendors mark with a prefix; lengths without the prefix. */
export interface KeyFormat {
  readonly prefix: string;
  readonly characters: 'upper' | 'mixed' | 'token';
  readonly least: number;
  readonly most?: number;
}

const KEY_FORMATS: readonly KeyFormat[] = [
  { prefix: 'AKIA', characters: 'upper', least: 16, most: 16 },
  { prefix: 'ASIA', characters: 'upper', least: 16, most: 16 },
  { prefix: 'AIza', characters: 'token', least: 35, most: 35 },
  { prefix: 'ghp_', characters: 'mixed', least: 36 },
  { prefix: 'gho_', characters: 'mixed', least: 36 },
  { prefix: 'ghu_', characters: 'mixed', least: 36 },
  { prefix: 'ghs_', characters: 'mixed', least: 36 },
  { prefix: 'ghr_', characters: 'mixed', least: 36 },
  { prefix: 'github_pat_', characters: 'token', least: 22 },
  { prefix: 'glpat-', characters: 'token', least: 20 },
  { prefix: 'sk-proj-', characters: 'token', least: 20 },
  { prefix: 'sk-ant-', characters: 'token', least: 20 },
  { prefix: 'sk-or-', characters: 'token', least: 20 },
  { prefix: 'sk-', characters: 'mixed', least: 20 },
  { prefix: 'sk_live_', characters: 'mixed', least: 16 },
  { prefix: 'rk_live_', characters: 'mixed', least: 16 },
  { prefix: 'xoxb-', characters: 'token', least: 20 },
  { prefix: 'xoxp-', characters: 'token', least: 20 },
  { prefix: 'xoxa-', characters: 'token', least: 20 },
  { prefix: 'xoxs-', characters: 'token', least: 20 },
  { prefix: 'hf_', characters: 'mixed', least: 30 },
  { prefix: 'npm_', characters: 'mixed', least: 36, most: 36 },
  { prefix: 'pypi-', characters: 'token', least: 50 },
  { prefix: 'gsk_', characters: 'mixed', least: 40 },
  { prefix: 'cadre_', characters: 'mixed', least: 40, most: 40 },
];

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
