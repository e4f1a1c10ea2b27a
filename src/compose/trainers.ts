import { join, resolve } from 'node:path';
import type { PackageClient } from '../adapters/egress/package-client.ts';
import { PythonEnvironment } from '../adapters/egress/python-environment.ts';
import { createTrainerProcess } from '../adapters/models/trainer-process.ts';
import type { Config } from '../core/config.ts';
import { OWN_TRAINER, type TrainerConfig, trainerSchema } from '../core/config-trainer.ts';
import { CadreError } from '../core/errors.ts';
import { nearestName } from '../core/nearest.ts';
import type { Trainer, TrainerOrder } from '../core/trainer.ts';

/** A trainer, and what an order to it says besides its rows. */
export interface TrainerPlace {
  readonly trainer: Trainer;
  readonly limits: TrainerOrder['limits'];
  readonly settings: TrainerOrder['settings'];
  /** What it runs on, where the house makes that. */
  readonly environment?: PythonEnvironment;
}

/** Resolves a trainer's name by the configuration of now. Throws `invalid_request`. */
export type FindTrainer = (id: string) => TrainerPlace;

interface TrainerParts {
  readonly config: () => Config;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly clients: PackageClient;
  /** That the farm has. */
  readonly threads: number;
}

const OWN_FOLDER = resolve(import.meta.dirname, '..', '..', 'trainers', 'lora');
/** Measured once all packages were there, with those of CUDA (Linux of x86-64). */
const OWN_BYTES = 5_600_000_000;
const GRACE_MS = 20_000;

export function composeTrainers(parts: TrainerParts): FindTrainer {
  const { config, environment, home, clients, threads } = parts;
  const own = new PythonEnvironment({
    folder: join(home, 'trainers', OWN_TRAINER),
    requirements: join(OWN_FOLDER, 'requirements.txt'),
    bytes: OWN_BYTES,
    pythons: ['3.11', '3.14'],
    clients,
  });
  return (id) => {
    const found = trainersOf(config()).find((one) => one.id === id);
    if (found === undefined) throw unknown(id, config());
    const { command, settings, silenceMinutes } = found;
    return {
      trainer: createTrainerProcess({
        id,
        words: command ?? [own.python, '-B', join(OWN_FOLDER, 'train.py')],
        environment,
        silenceMs: 60_000 * silenceMinutes,
        graceMs: GRACE_MS,
      }),
      limits: {
        minutes: found.minutes,
        bytes: found.bytes,
        tokens: found.tokens,
        // It keeps them for minutes or hours; the other half is for those who wait for an answer.
        threads: Math.min(threads, found.threads ?? Math.max(1, Math.floor(threads / 2))),
      },
      settings,
      ...(command === undefined ? { environment: own } : {}),
    };
  };
}

function trainersOf({ trainers }: Config): readonly TrainerConfig[] {
  return [...trainers, trainerSchema.parse({ id: OWN_TRAINER })];
}

function unknown(id: string, config: Config): CadreError {
  const names = trainersOf(config).map((one) => one.id);
  const near = nearestName(id, names);
  return new CadreError(
    'invalid_request',
    `there is no trainer “${id}”${near === undefined ? '' : `; did you mean “${near}”?`} \`trainers\` of the configuration names them`,
    { param: 'trainer' },
  );
}
