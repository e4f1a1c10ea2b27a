import type { JsonObject, JsonValue } from '../../core/chat.ts';
import { OWN_TRAINER } from '../../core/config-trainer.ts';
import { idSchema } from '../../core/config-words.ts';
import { CadreError } from '../../core/errors.ts';
import {
  SPECIALIST_KINDS,
  type SpecialistKind,
  type SpecialistManifest,
} from '../../core/specialist.ts';
import type { TrainingOrderWords } from '../../core/training-job.ts';
import { parseMetadata } from '../metadata.ts';
import {
  invalidField,
  isObject,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalText,
  requiredText,
} from '../wire-fields.ts';

/** What a job is asked for by: a kind of specialist, or a specialist that gets a next version. */
export const BASE_MODEL = 'cadre-intents';
/** `cadre-intents`, `cadre-extract` …; an adapter is asked for by its base. */
const KIND_MODELS: ReadonlyMap<string, SpecialistKind> = new Map(
  SPECIALIST_KINDS.filter((kind) => kind !== 'adapter').map((kind) => [`cadre-${kind}`, kind]),
);
export const SEED_MOST = 2 ** 31 - 1;
const SUFFIX_LENGTH = 64;
/** The clients' names of what the ladder chooses by itself. */
const CHOSEN = ['n_epochs', 'batch_size', 'learning_rate_multiplier'] as const;

export interface JobRequest {
  readonly order: TrainingOrderWords;
  /** What is given back with the job. */
  readonly wire: JsonObject;
}

/** What a job may be for. */
export interface Trainable {
  /** Specialists that may get a next version. */
  readonly specialists: ReadonlyMap<string, Pick<SpecialistManifest, 'kind' | 'base'>>;
  /** Local models that answer in words. */
  readonly bases: ReadonlySet<string>;
}

/** The body of POST /v1/fine_tuning/jobs. `newName` makes a name where the request gives none. */
export function parseJob(
  body: JsonObject,
  trainable: Trainable,
  newName: () => string,
): JobRequest {
  const model = requiredText(body, 'model');
  const trainingFile = requiredText(body, 'training_file');
  const validationFile = optionalText(body, 'validation_file') ?? null;
  const suffix = optionalText(body, 'suffix', 'suffix', SUFFIX_LENGTH);
  const seed = optionalNumber(body, 'seed', { min: 0, max: SEED_MOST, integer: true }) ?? 1;
  refuseIntegrations(body['integrations']);
  const given = hyperparametersOf(body);
  const own = optionalObject(body, 'cadre') ?? {};
  const target = optionalNumber(own, 'target', { min: 0, max: 1, above: true }, 'cadre.target');
  const range = { min: 0, max: Number.MAX_SAFE_INTEGER, above: true };
  const tolerance = optionalNumber(own, 'tolerance', range, 'cadre.tolerance');
  const next = nextOf(model, trainable);
  return {
    order: {
      kind: next.kind,
      ...(next.base === undefined
        ? {}
        : { adapter: { base: next.base, trainer: OWN_TRAINER, mayInstall: false } }),
      name: suffix === undefined ? (next.name ?? newName()) : requireName(suffix),
      data: { kind: 'upload', file: trainingFile },
      test: validationFile === null ? null : { kind: 'upload', file: validationFile },
      target: target ?? null,
      ...(tolerance === undefined ? {} : { tolerance }),
      seed,
      promote: optionalBoolean(own, 'promote', 'cadre.promote') ?? false,
    },
    wire: {
      model,
      trainingFile,
      validationFile,
      suffix: suffix ?? null,
      metadata: parseMetadata(body) ?? null,
      // Said in the job's story: it is not silently left out.
      unused: CHOSEN.filter((name) => given[name] !== undefined && given[name] !== 'auto'),
    },
  };
}

/** What is trained, and the specialist that the model names, with or without a version. */
function nextOf(
  model: string,
  { specialists, bases }: Trainable,
): { readonly kind: SpecialistKind; readonly name?: string; readonly base?: string } {
  const kind = KIND_MODELS.get(model);
  if (kind !== undefined) return { kind };
  const [name = ''] = model.split('@');
  const known = specialists.get(name);
  if (known !== undefined)
    return { kind: known.kind, name, ...(known.base && { base: known.base.model }) };
  if (bases.has(model)) return { kind: 'adapter', base: model };
  throw new CadreError(
    'model_not_found',
    `“${model.slice(0, 100)}” cannot be trained here; use ${[...KIND_MODELS.keys()].map((one) => `\`${one}\``).join(' or ')}, a local model that gets an adapter, or a specialist that gets a next version`,
    { param: 'model' },
  );
}

/** The specialist's name; one that would have to be bent to fit could be another's. */
function requireName(suffix: string): string {
  if (idSchema.safeParse(suffix).success) return suffix;
  throw invalidField(
    'suffix',
    'a name: lower-case letters, digits, dot, dash and underscore, beginning with a letter or a digit',
  );
}

function hyperparametersOf(body: JsonObject): JsonObject {
  const method = optionalObject(body, 'method');
  if (method !== undefined && method['type'] !== undefined && method['type'] !== 'supervised')
    throw invalidField('method.type', '`supervised`: there is nothing else to learn a label from');
  const supervised =
    method === undefined ? undefined : optionalObject(method, 'supervised', 'method.supervised');
  const nested =
    supervised === undefined
      ? undefined
      : optionalObject(supervised, 'hyperparameters', 'method.supervised.hyperparameters');
  const given = { ...optionalObject(body, 'hyperparameters'), ...nested };
  for (const name of CHOSEN) {
    const value = given[name];
    const isFine = value === undefined || value === null || value === 'auto' || isPositive(value);
    if (!isFine) throw invalidField(`hyperparameters.${name}`, '`auto` or a number above 0');
  }
  return given;
}

function isPositive(value: JsonValue): boolean {
  return typeof value === 'number' && value > 0;
}

/** They would send figures to others. */
function refuseIntegrations(value: JsonValue | undefined): void {
  if (value === undefined || value === null) return;
  if (!Array.isArray(value) || value.length > 0 || isObject(value))
    throw invalidField('integrations', 'empty: nothing is sent to others');
}
