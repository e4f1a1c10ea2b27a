/** A LoRA adapter on disk, whose head was checked against its base. */
export interface AdapterFile {
  readonly path: string;
  /** SHA-256 of its bytes, hex. */
  readonly hash: string;
  readonly bytes: number;
}

/** The name of a model as an adapter changes it: another one than its base to gate and receipts. */
export function adaptedModelId(base: string, { hash }: Pick<AdapterFile, 'hash'>): string {
  return `${base}+${hash.slice(0, 12)}`;
}

/** The model of the catalogue behind a name of `adaptedModelId`; any other name is its own. */
export function baseModelId(modelId: string): string {
  return ADAPTED.exec(modelId)?.[1] ?? modelId;
}

/** The first digits of the adapter's hash in a name of `adaptedModelId`; undefined in any other. */
export function adapterDigits(modelId: string): string | undefined {
  return ADAPTED.exec(modelId)?.[2];
}

const ADAPTED = /^([a-z0-9._-]+)\+([0-9a-f]{12})$/;
