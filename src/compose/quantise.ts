import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type DiskModelFiles, modelFilePath } from '../adapters/models/model-files.ts';
import type { OwnModels } from '../adapters/models/own-models.ts';
import { quantiseFile } from '../adapters/models/quantiser.ts';
import type { ModelEntry } from '../core/catalogue.ts';
import { CadreError } from '../core/errors.ts';
import {
  QUANTISATIONS,
  type Quantisation,
  type QuantisationPlan,
  type QuantisedForm,
} from '../core/quantisation.ts';
import type { Catalogue } from '../fleet/catalogue.ts';
import { type GgufHead, readGgufHead } from '../fleet/gguf-head.ts';
import { type GgufHeader, readGgufHeader } from '../fleet/gguf-header.ts';
import { estimateMemory } from '../fleet/gguf-memory.ts';
import { planRewrite } from '../fleet/gguf-rewrite.ts';
import type { ModelLibrary } from '../fleet/library.ts';
import { weightsOf, withFileReader } from './model-memory.ts';

interface QuantiseParts {
  readonly catalogue: Catalogue;
  readonly own: OwnModels;
  readonly library: ModelLibrary;
  readonly files: DiskModelFiles;
  /** CADRE_HOME/models. */
  readonly folder: string;
  readonly memoryBudget: number;
  readonly slots: number;
  readonly contextTokens: number;
}

export interface Quantiser {
  /** Rejects with `model_not_found`, `model_unavailable`, `model_damaged` or `invalid_request`. */
  doPlan(id: string): Promise<QuantisationPlan>;
  /** Makes it, unless it is there; resolves with its entry and what the weights lost. */
  doMake(
    id: string,
    format: Quantisation,
    options: {
      readonly signal: AbortSignal;
      readonly onProgress: (done: number, total: number) => void;
    },
  ): Promise<{ readonly entry: ModelEntry; readonly weightError: number }>;
}

/** Bytes that stay free on the disk. */
const SPARE_BYTES = 64_000_000;
const KNOWN_FORM = /[-.](?:i?q\d[\w]*|bf16|f16|f32)$/;

export function createQuantiser(parts: QuantiseParts): Quantiser {
  return {
    async doPlan(id) {
      const opened = await openModel(parts, id);
      const { entry, header } = opened;
      return {
        model: id,
        fileBytes: weightsOf(entry).bytes,
        memoryBytes: memoryOf(parts, header),
        memoryBudget: parts.memoryBudget,
        forms: QUANTISATIONS.map((format) => formOf(parts, opened, format)),
      };
    },
    async doMake(id, format, { signal, onProgress }) {
      const opened = await openModel(parts, id);
      const { entry } = opened;
      const form = formOf(parts, opened, format);
      if (form.changed === 0)
        throw new CadreError(
          'invalid_request',
          `${id} has no matrix that ${format} makes smaller`,
          {
            param: 'format',
          },
        );
      const free = await parts.files.doFreeBytes();
      if (free < form.fileBytes + SPARE_BYTES)
        throw new CadreError(
          'disk_full',
          `${form.id} needs ${form.fileBytes + SPARE_BYTES} free bytes, ${free} are free`,
        );
      await mkdir(join(parts.folder, 'partial'), { recursive: true });
      const target = join(parts.folder, 'partial', `${form.id}.made`);
      const source = modelFilePath(parts.folder, weightsOf(entry));
      const made = await quantiseFile({ source, target, format }, { signal, onProgress });
      const own = ownEntry(entry, form, made);
      await rename(target, await parts.files.doOpenPartial(weightsOf(own)));
      await parts.files.doInstall(weightsOf(own));
      parts.own.add(own);
      parts.catalogue.add(own);
      await parts.library.refresh(own.id, { signal });
      return { entry: own, weightError: made.weightError };
    },
  };
}

interface OpenedModel {
  readonly entry: ModelEntry;
  readonly header: GgufHeader;
  readonly head: GgufHead;
}

async function openModel(parts: QuantiseParts, id: string): Promise<OpenedModel> {
  const entry = parts.library.requireInstalled(id);
  if (entry.format !== 'gguf')
    throw new CadreError('invalid_request', `${id} is no GGUF model; only those are made smaller`, {
      param: 'model',
    });
  const { bytes } = weightsOf(entry);
  return withFileReader(modelFilePath(parts.folder, weightsOf(entry)), async (read) => ({
    entry,
    header: await readGgufHeader(read, bytes),
    head: await readGgufHead(read, bytes),
  }));
}

function memoryOf({ contextTokens, slots }: QuantiseParts, header: GgufHeader): number {
  return estimateMemory(header, contextTokens, slots);
}

function formOf(
  parts: QuantiseParts,
  { entry, header, head }: OpenedModel,
  format: Quantisation,
): QuantisedForm {
  const { fileBytes, tensorBytes, changed } = planRewrite(head, format);
  const id = `${entry.id.replace(KNOWN_FORM, '')}-${format}`;
  return {
    format,
    id,
    fileBytes,
    memoryBytes: memoryOf(parts, { ...header, tensorBytes }),
    changed,
    isInstalled: parts.library.stateOf(id).state === 'installed',
  };
}

function ownEntry(
  entry: ModelEntry,
  { id, format }: QuantisedForm,
  made: { readonly sha256: string; readonly bytes: number },
): ModelEntry {
  const { starter: _starter, files: _files, ...rest } = entry;
  const { sha256, bytes } = made;
  const sources = [`made:${format}/${entry.id}`];
  return {
    ...rest,
    id,
    title: `${entry.title} (${format}, made here)`,
    files: [{ name: `${id}.gguf`, bytes, sha256, sources }],
  };
}
