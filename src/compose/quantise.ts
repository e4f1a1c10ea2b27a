import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DiskModelFiles, modelFilePath } from '../adapters/models/model-files.ts';
import type { OwnModels } from '../adapters/models/own-models.ts';
import { quantiseFile } from '../adapters/models/quantiser.ts';
import type { AdapterFile } from '../core/adapter.ts';
import type { Merged, ModelEntry } from '../core/catalogue.ts';
import { CadreError } from '../core/errors.ts';
import {
  QUANTISATIONS,
  type Quantisation,
  type QuantisationPlan,
  type QuantisedForm,
} from '../core/quantisation.ts';
import type { WithThread } from '../core/threads.ts';
import type { Catalogue } from '../fleet/catalogue.ts';
import { adaptedTensors, readAdapterHeader } from '../fleet/gguf-adapter.ts';
import { type GgufHead, readGgufHead } from '../fleet/gguf-head.ts';
import { type GgufHeader, readGgufHeader } from '../fleet/gguf-header.ts';
import { estimateMemory } from '../fleet/gguf-memory.ts';
import { planRewrite } from '../fleet/gguf-rewrite.ts';
import type { ModelLibrary } from '../fleet/library.ts';
import type { AdapterFiles } from './adapters.ts';
import { weightsOf, withFileReader } from './model-memory.ts';

interface QuantiseParts {
  readonly catalogue: Catalogue;
  readonly own: OwnModels;
  readonly library: ModelLibrary;
  readonly files: DiskModelFiles;
  readonly adapters: Pick<AdapterFiles, 'checked'>;
  /** CADRE_HOME/models. */
  readonly folder: string;
  readonly memoryBudget: number;
  readonly slots: number;
  readonly contextTokens: number;
  readonly withThread: WithThread;
}

/** What forms are made of: a model as it is, or with a LoRA adapter written in. */
export interface MakingTarget {
  readonly model: string;
  readonly adapter?: {
    readonly path: string;
    /** NAME@VERSION of a specialist, a spoke, or a file's name. */
    readonly of: string;
  };
  /** As what it is measured and shown. */
  readonly label: string;
  /** What its forms are named after. */
  readonly stem: string;
}

export interface Quantiser {
  /**
   * Rejects with `model_not_found`, `model_unavailable`, `model_damaged`, `adapter_refused` or
   * `invalid_request`.
   */
  doPlan(target: MakingTarget): Promise<QuantisationPlan>;
  /**
   * Makes it; resolves with its entry and what the weights lost. Rejects with `conflict` where its name is
   * that of a model made of something else or it is being made already, `disk_full`, and as `doPlan`.
   */
  doMake(
    target: MakingTarget,
    format: Quantisation,
    options: {
      readonly signal: AbortSignal;
      readonly onProgress: (done: number, total: number) => void;
    },
  ): Promise<{ readonly entry: ModelEntry; readonly weightError: number }>;
}

/** Bytes that stay free on the disk. */
const SPARE_BYTES = 64_000_000;
/** How a file is called that is being made. */
const MADE = '.made';
const KNOWN_FORM = /[-.](?:i?q\d[\w]*|bf16|f16|f32)$/;

export function createQuantiser(parts: QuantiseParts): Quantiser {
  const swept = removeLeftovers(join(parts.folder, 'partial'));
  const making = new Set<string>();
  return {
    async doPlan(target) {
      const opened = await openTarget(parts, target);
      const { entry, header, adapter } = opened;
      const adapterBytes = adapter?.bytes ?? 0;
      return {
        model: target.label,
        fileBytes: weightsOf(entry).bytes + adapterBytes,
        memoryBytes: memoryOf(parts, header) + adapterBytes,
        memoryBudget: parts.memoryBudget,
        forms: QUANTISATIONS.map((format) => formOf(parts, opened, format)),
      };
    },
    async doMake(target, format, { signal, onProgress }) {
      const opened = await openTarget(parts, target);
      const form = formOf(parts, opened, format);
      requireMakeable(parts, opened, form);
      if (making.has(form.id))
        throw new CadreError('conflict', `${form.id} is being made already`, { param: 'format' });
      making.add(form.id);
      try {
        await swept;
        return await make(parts, opened, form, { signal, onProgress });
      } finally {
        making.delete(form.id);
      }
    },
  };
}

/** What a farm that was killed had written of a form. */
async function removeLeftovers(folder: string): Promise<void> {
  // One that cannot be removed only takes space.
  for (const name of await readdir(folder).catch(() => []))
    if (name.endsWith(MADE)) await rm(join(folder, name), { force: true }).catch(() => undefined);
}

async function make(
  parts: QuantiseParts,
  opened: OpenedTarget,
  form: QuantisedForm,
  { signal, onProgress }: Parameters<Quantiser['doMake']>[2],
): ReturnType<Quantiser['doMake']> {
  const free = await parts.files.doFreeBytes();
  if (free < form.fileBytes + SPARE_BYTES)
    throw new CadreError(
      'disk_full',
      `${form.id} needs ${form.fileBytes + SPARE_BYTES} free bytes, ${free} are free`,
    );
  await mkdir(join(parts.folder, 'partial'), { recursive: true });
  const written = join(parts.folder, 'partial', `${form.id}${MADE}`);
  const source = modelFilePath(parts.folder, weightsOf(opened.entry));
  const adapter = opened.adapter === undefined ? {} : { adapter: opened.adapter.path };
  const order = { source, target: written, format: form.format, ...adapter };
  const made = await parts.withThread('quantising', { signal }, () =>
    quantiseFile(order, { signal, onProgress }),
  );
  const own = ownEntry(opened, form, made);
  await rename(written, await parts.files.doOpenPartial(weightsOf(own)));
  await parts.files.doInstall(weightsOf(own));
  parts.own.add(own);
  parts.catalogue.add(own);
  await parts.library.refresh(own.id, { signal });
  return { entry: own, weightError: made.weightError };
}

interface OpenedTarget {
  readonly target: MakingTarget;
  readonly entry: ModelEntry;
  readonly header: GgufHeader;
  readonly head: GgufHead;
  /** `of`: whose; `names`: of the tensors that it changes. */
  readonly adapter?: AdapterFile & { readonly of: string; readonly names: ReadonlySet<string> };
}

async function openTarget(parts: QuantiseParts, target: MakingTarget): Promise<OpenedTarget> {
  const entry = parts.library.requireInstalled(target.model);
  if (entry.format !== 'gguf')
    throw new CadreError(
      'invalid_request',
      `${entry.id} is no GGUF model; only those are made smaller`,
      { param: 'model' },
    );
  const { bytes } = weightsOf(entry);
  const opened = await withFileReader(
    modelFilePath(parts.folder, weightsOf(entry)),
    async (read) => ({
      entry,
      header: await readGgufHeader(read, bytes),
      head: await readGgufHead(read, bytes),
    }),
  );
  if (target.adapter === undefined) return { target, ...opened };
  const { path, of } = target.adapter;
  const file = await parts.adapters.checked(entry, path);
  const { tensors } = await withFileReader(file.path, (read) =>
    readAdapterHeader(read, file.bytes),
  );
  return { target, ...opened, adapter: { ...file, of, names: adaptedTensors(tensors) } };
}

function memoryOf({ contextTokens, slots }: QuantiseParts, header: GgufHeader): number {
  return estimateMemory(header, contextTokens, slots);
}

function formOf(parts: QuantiseParts, opened: OpenedTarget, format: Quantisation): QuantisedForm {
  const { header, head, adapter, target } = opened;
  const { fileBytes, tensorBytes, changed } = planRewrite(head, format, adapter?.names);
  const id = `${target.stem.replace(KNOWN_FORM, '')}-${format}`;
  return {
    format,
    id,
    fileBytes,
    memoryBytes: memoryOf(parts, { ...header, tensorBytes }),
    changed,
    isInstalled:
      parts.library.stateOf(id).state === 'installed' &&
      isMadeOf(parts.catalogue.find(id), opened, format),
  };
}

function requireMakeable(parts: QuantiseParts, opened: OpenedTarget, form: QuantisedForm): void {
  const { target } = opened;
  const { id, format, changed } = form;
  if (changed === 0)
    throw new CadreError(
      'invalid_request',
      `${target.label} has no matrix that ${format} makes smaller`,
      { param: 'format' },
    );
  const known = parts.catalogue.find(id);
  if (known !== undefined && !isMadeOf(known, opened, format))
    throw new CadreError(
      'conflict',
      `${id} is there already, made of something else${known.merged === undefined ? '' : ` (${known.merged.adapter})`}; choose another name`,
      { param: 'name' },
    );
}

/** Whether a model is this form of the target: of the same base, and the same adapter's bytes. */
function isMadeOf(
  entry: ModelEntry | undefined,
  opened: OpenedTarget,
  format: Quantisation,
): boolean {
  if (entry === undefined) return false;
  const [source] = weightsOf(entry).sources;
  const merged = mergedOf(opened);
  return (
    source?.split('+')[0] === `made:${format}/${opened.entry.id}` &&
    entry.merged?.baseHash === merged?.baseHash &&
    entry.merged?.adapterHash === merged?.adapterHash
  );
}

/** A smaller form of a merged model is of the same base and adapter. */
function mergedOf({ entry, adapter }: OpenedTarget): Merged | undefined {
  if (adapter === undefined) return entry.merged;
  const { of, hash } = adapter;
  const baseHash = weightsOf(entry).sha256;
  return { base: entry.id, baseHash, adapter: of, adapterHash: hash };
}

function ownEntry(
  opened: OpenedTarget,
  { id, format }: QuantisedForm,
  made: { readonly sha256: string; readonly bytes: number },
): ModelEntry {
  const { entry, adapter } = opened;
  const { starter: _starter, files: _files, ...rest } = entry;
  const { sha256, bytes } = made;
  const merged = adapter && mergedOf(opened);
  const sources = [`made:${format}/${entry.id}${adapter === undefined ? '' : `+${adapter.path}`}`];
  return {
    ...rest,
    id,
    title: `${entry.title} (${format}${merged === undefined ? '' : ', with an adapter'}, made here)`,
    files: [{ name: `${id}.gguf`, bytes, sha256, sources }],
    ...(merged === undefined ? {} : { merged }),
  };
}
