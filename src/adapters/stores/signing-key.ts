import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { CadreError } from '../../core/errors.ts';
import type { Signer } from '../../core/specialist.ts';

/**
 * The Ed25519 key of a home, made at the first use, for the eyes of its owner only (0600). Throws
 * `config_invalid` for a file that is no such key: a new one would disown all that was signed.
 */
export function openSigner(file: string): Signer {
  return signerOf(readKey(file) ?? makeKey(file), file);
}

function signerOf(pem: string, file: string): Signer {
  const privateKey = parseKey(pem, file);
  const publicKey = publicText(createPublicKey(privateKey));
  return {
    keyId: idOf(publicKey),
    publicKey,
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64'),
    verify: (text, signature) => {
      if (idOf(signature.publicKey) !== signature.keyId) return false;
      try {
        const der = Buffer.from(signature.publicKey, 'base64');
        const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
        return verify(null, Buffer.from(text), key, Buffer.from(signature.value, 'base64'));
      } catch {
        return false;
      }
    },
  };
}

function parseKey(pem: string, file: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below.
  }
  throw new CadreError(
    'config_invalid',
    `${file} is no Ed25519 key; put the right one back, or remove it and train the specialists again`,
  );
}

function publicText(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'der' }).toString('base64');
}

function idOf(publicKey: string): string {
  return createHash('sha256').update(publicKey).digest('hex');
}

function readKey(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole or not at all, and never over a key that another process has just made. */
function makeKey(file: string): string {
  mkdirSync(dirname(file), { recursive: true });
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const temporary = `${file}.${process.pid}.part`;
  const handle = openSync(temporary, 'w', 0o600);
  try {
    writeSync(handle, pem);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  try {
    linkSync(temporary, file);
    return pem;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return readFileSync(file, 'utf8');
  } finally {
    rmSync(temporary, { force: true });
  }
}
