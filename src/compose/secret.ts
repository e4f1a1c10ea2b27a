import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** 32 random bytes that are made once and stay with the home. */
export function readSecret(file: string): Buffer {
  try {
    const secret = readFileSync(file);
    if (secret.length === 32) return secret;
  } catch {
    // Not there yet: a new home.
  }
  mkdirSync(dirname(file), { recursive: true });
  const secret = randomBytes(32);
  writeFileSync(file, secret, { mode: 0o600 });
  return secret;
}
