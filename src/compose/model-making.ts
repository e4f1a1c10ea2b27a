import { join } from 'node:path';
import type { DiskModelFiles } from '../adapters/models/model-files.ts';
import type { OwnModels } from '../adapters/models/own-models.ts';
import type { ModelLease } from '../core/ports.ts';
import type { ModelMaking, QuantisationProgress } from '../core/quantisation.ts';
import type { Catalogue } from '../fleet/catalogue.ts';
import type { ModelLibrary } from '../fleet/library.ts';
import type { ModelPuller } from '../fleet/puller.ts';
import type { ModelResidency } from '../fleet/residency.ts';
import type { AcquireOptions, ResidencyLimits } from '../fleet/residency-deps.ts';
import type { ThreadLease } from '../fleet/thread-lease.ts';
import type { AdapterFiles } from './adapters.ts';
import { importModel } from './import-model.ts';
import { createQuantiser, type MakingTarget, type Quantiser } from './quantise.ts';
import { type MakingOrder, quantiseMeasured } from './quantise-measure.ts';
import type { Settings } from './settings.ts';
import type { Acquire } from './threads.ts';

/** As `ModelMaking`, of models and adapters whose spokes were looked up. */
export interface TargetMaking extends Omit<ModelMaking, 'planQuantisation' | 'quantise'> {
  readonly planQuantisation: Quantiser['doPlan'];
  quantise(
    target: MakingTarget,
    order: MakingOrder,
    signal: AbortSignal,
  ): AsyncIterable<QuantisationProgress>;
}

/** What the home adds to the catalogue: files of the user's own, and smaller forms of what is there. */
export function composeModelMaking(parts: {
  readonly settings: Settings;
  readonly catalogue: Catalogue;
  readonly own: OwnModels;
  readonly library: ModelLibrary;
  readonly files: DiskModelFiles;
  readonly puller: ModelPuller;
  readonly residency: ModelResidency;
  readonly limits: ResidencyLimits;
  readonly acquire: Acquire;
  readonly threadLease: ThreadLease;
  readonly adapters: AdapterFiles;
  readonly acquireAdapted: (
    id: string,
    adapter: string,
    options: AcquireOptions,
  ) => Promise<ModelLease>;
}): TargetMaking {
  const { residency, settings, limits } = parts;
  const folder = join(settings.home, 'models');
  const quantiser = createQuantiser({
    ...{ ...parts, ...limits, folder },
    withThread: parts.threadLease.withThread,
  });
  const measuring = {
    quantiser,
    acquire: parts.acquire,
    acquireAdapted: parts.acquireAdapted,
    memoryOf: (id: string) => residency.placeOf(id)?.life?.loaded?.memoryBytes ?? 0,
  };
  const { puller, catalogue } = parts;
  return {
    pull: (id, signal) => puller.pull(catalogue.get(id), { signal }),
    importModel: (wish, signal) => importModel(parts, wish, signal),
    planQuantisation: quantiser.doPlan,
    quantise: (target, order, signal) => quantiseMeasured(measuring, target, order, signal),
  };
}
