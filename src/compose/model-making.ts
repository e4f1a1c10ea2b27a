import { join } from 'node:path';
import type { DiskModelFiles } from '../adapters/models/model-files.ts';
import type { OwnModels } from '../adapters/models/own-models.ts';
import type { ModelMaking } from '../core/quantisation.ts';
import type { Catalogue } from '../fleet/catalogue.ts';
import type { ModelLibrary } from '../fleet/library.ts';
import type { ModelPuller } from '../fleet/puller.ts';
import type { ModelResidency } from '../fleet/residency.ts';
import type { ResidencyLimits } from '../fleet/residency-deps.ts';
import { importModel } from './import-model.ts';
import { createQuantiser } from './quantise.ts';
import { quantiseMeasured } from './quantise-measure.ts';
import type { Settings } from './settings.ts';

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
}): ModelMaking {
  const { residency, settings, limits } = parts;
  const folder = join(settings.home, 'models');
  const quantiser = createQuantiser({ ...parts, ...limits, folder });
  const measuring = {
    quantiser,
    acquire: residency.acquire.bind(residency),
    memoryOf: (id: string) => residency.placeOf(id)?.life?.loaded?.memoryBytes ?? 0,
  };
  const { puller, catalogue } = parts;
  return {
    pull: (id, signal) => puller.pull(catalogue.get(id), { signal }),
    importModel: (wish, signal) => importModel(parts, wish, signal),
    planQuantisation: quantiser.doPlan,
    quantise: (wish, signal) => quantiseMeasured(measuring, wish, signal),
  };
}
