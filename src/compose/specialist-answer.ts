import { adapterDigits } from '../core/adapter.ts';
import type { Attempt } from '../core/receipt.ts';
import type { StoredVersion } from '../learn/version-keeping.ts';

const MODEL = /^classifier:(.+)@\d+$/;

/** Name of the specialist that answered; undefined where none can have. */
export function specialistOf({ model, spoke }: Attempt): string | undefined {
  const known = MODEL.exec(model)?.[1];
  return adapterDigits(model) === undefined ? known : spoke.replace(/@\d+$/, '');
}

/** A micro-model's answers name its version; those of an adapter begin its hash. */
export function isModelOf({ row, body }: StoredVersion, model: string): boolean {
  const digits = adapterDigits(model);
  if (digits === undefined) return model === `classifier:${row.id}`;
  return body.manifest.base !== undefined && body.manifest.contentHash.startsWith(digits);
}
