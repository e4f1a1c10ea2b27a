import { CadreError } from '../core/errors.ts';
import type { ReadBytes } from './gguf-cursor.ts';
import { type GgufHead, readGgufHead } from './gguf-head.ts';
import type { GgufHeader } from './gguf-header.ts';

/** What the head of a LoRA adapter's GGUF file says. */
export interface AdapterHeader {
  readonly architecture: string;
  /** The sum of the adapter's products is scaled by alpha ÷ rank. */
  readonly alpha: number;
  /** SHA-256 of the base's file, hex, where the adapter names it. */
  readonly baseHash?: string;
  /** All their names end in `.lora_a` or `.lora_b`. */
  readonly tensors: GgufHead['tensors'];
  readonly tensorBytes: number;
  /** First byte of the tensors' data. */
  readonly dataStart: number;
}

/** Where a trainer writes the hash of the file that it taught. */
export const BASE_HASH_KEY = 'cadre.base.sha256';

const PARTS = ['lora_a', 'lora_b'] as const;
const DOWN = '.lora_a';

/**
 * Reads the head of an adapter as `readGgufHead` does. Throws `model_damaged` for what is no whole
 * GGUF file and `adapter_refused` for what is no LoRA adapter.
 */
export async function readAdapterHeader(
  read: ReadBytes,
  fileBytes: number,
): Promise<AdapterHeader> {
  const { values, tensors, tensorBytes, dataStart } = await readGgufHead(read, fileBytes);
  const type = values.get('general.type');
  if (type !== 'adapter')
    throw refused(`\`general.type\` is ${said(type)}, not adapter; is this a model?`);
  const kind = values.get('adapter.type');
  if (kind !== 'lora') throw refused(`\`adapter.type\` is ${said(kind)}; lora alone is served`);
  const architecture = values.get('general.architecture');
  if (typeof architecture !== 'string') throw refused('it names no `general.architecture`');
  const alpha = values.get('adapter.lora.alpha');
  if (typeof alpha !== 'number' || !(alpha > 0))
    throw refused(`\`adapter.lora.alpha\` is ${said(alpha)}, not a number above 0`);
  requirePairs(tensors);
  const baseHash = values.get(BASE_HASH_KEY);
  const known = typeof baseHash === 'string' ? { baseHash } : {};
  return { architecture, alpha, tensors, tensorBytes, dataStart, ...known };
}

/**
 * Throws `adapter_refused` where the adapter was not made for this base: another architecture or
 * file, a tensor that the base lacks, or other sizes. The product of the two parts must have the
 * base's own sizes: of [in, out] a is [in, rank] and b [rank, out]; of the embedding [width, tokens]
 * a is [rank, tokens] and b [rank, width] (llama.cpp, `llama_adapter_lora_init_impl`).
 */
export function requireBase(
  adapter: AdapterHeader,
  base: Pick<GgufHeader, 'architecture' | 'tensors'>,
  { id, hash }: { readonly id: string; readonly hash: string },
): void {
  if (adapter.baseHash !== undefined && adapter.baseHash !== hash)
    throw refused(
      `it was made for the file ${adapter.baseHash.slice(0, 12)}…, and ${id} is ${hash.slice(0, 12)}…`,
    );
  if (adapter.architecture !== base.architecture)
    throw refused(`it was made for a ${adapter.architecture}, and ${id} is a ${base.architecture}`);
  for (const target of adaptedTensors(adapter.tensors)) {
    const down = adapter.tensors.get(`${target}.lora_a`)?.shape ?? [];
    const up = adapter.tensors.get(`${target}.lora_b`)?.shape ?? [];
    const sizes = base.tensors.get(target)?.shape;
    if (sizes === undefined) throw refused(`it changes \`${target}\`, which ${id} does not have`);
    if (!fits(target, down, up, sizes))
      throw refused(
        `its parts of \`${target}\` are ${words(down)} and ${words(up)}, which do not give the ${words(sizes)} of ${id}`,
      );
  }
}

/** Names of the base's tensors that an adapter with these tensors changes. */
export function adaptedTensors(tensors: GgufHead['tensors']): ReadonlySet<string> {
  const downs = [...tensors.keys()].filter((name) => name.endsWith(DOWN));
  return new Set(downs.map((name) => name.slice(0, -DOWN.length)));
}

/** Each tensor has both parts, and nothing else is in the file. */
function requirePairs(tensors: GgufHead['tensors']): void {
  if (tensors.size === 0) throw refused('it holds no tensors');
  for (const name of tensors.keys()) {
    const part = PARTS.find((one) => name.endsWith(`.${one}`));
    if (part === undefined) throw refused(`its tensor \`${name}\` is no part of a LoRA`);
    const target = name.slice(0, -part.length);
    const missing = PARTS.find((one) => !tensors.has(`${target}${one}`));
    if (missing !== undefined) throw refused(`\`${target}${missing}\` is missing`);
  }
}

function fits(
  target: string,
  down: readonly number[],
  up: readonly number[],
  sizes: readonly number[],
): boolean {
  if ([down, up, sizes].some((one) => one.length !== 2)) return false;
  // Its rows are looked up and not multiplied.
  if (target === 'token_embd.weight')
    return down[0] === up[0] && down[1] === sizes[1] && up[1] === sizes[0];
  return down[1] === up[0] && down[0] === sizes[0] && up[1] === sizes[1];
}

const words = (sizes: readonly number[]): string => sizes.join(' × ') || 'nothing';

const said = (value: unknown): string => (value === undefined ? 'missing' : String(value));

function refused(why: string): CadreError {
  return new CadreError('adapter_refused', `the adapter does not serve: ${why}`);
}
