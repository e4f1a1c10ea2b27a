import { CadreError } from '../../../core/errors.ts';
import type { ModelSource } from '../../../core/ports.ts';
import { QUANTISATIONS } from '../../../core/quantisation.ts';
import { quantiseFile } from '../quantiser.ts';

/** `made:FORMAT/MODEL`: made again out of a model that is installed; the bytes are the same. */
export function createMadeSource(pathOf: (model: string) => string): ModelSource {
  return {
    scheme: 'made',
    async doFetch(source, _file, target, { signal, onBytes }) {
      const [, wanted, model = ''] = /^made:([^/]+)\/(.+)$/.exec(source) ?? [];
      const format = QUANTISATIONS.find((one) => one === wanted);
      if (format === undefined)
        throw new CadreError('source_failed', `\`${source}\` names no format that is made here`);
      await quantiseFile(
        { source: pathOf(model), target, format },
        { signal, onProgress: onBytes },
      );
    },
  };
}
