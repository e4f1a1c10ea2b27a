import { randomBytes } from 'node:crypto';

/** One-time tokens of printed URLs and the console sessions they open; both end with the process. */
export interface Sessions {
  mintToken(): string;
  /** Exchanges a token for a session secret, once. */
  signIn(token: string): string | undefined;
  isSession(secret: string): boolean;
}

/** Tokens and sessions that are kept; the oldest goes first. */
const MOST = 64;

export function createSessions(): Sessions {
  const tokens = new Set<string>();
  const sessions = new Set<string>();
  const add = (set: Set<string>): string => {
    const value = randomBytes(24).toString('base64url');
    set.add(value);
    for (const oldest of set) {
      if (set.size <= MOST) break;
      set.delete(oldest);
    }
    return value;
  };
  return {
    mintToken: () => add(tokens),
    signIn: (token) => (tokens.delete(token) ? add(sessions) : undefined),
    isSession: (secret) => sessions.has(secret),
  };
}
