import { existsSync } from 'node:fs';
import { CadreError } from '../../../core/errors.ts';
import type { ModelSource } from '../../../core/ports.ts';
import { QUANTISATIONS } from '../../../core/quantisation.ts';
import { quantiseFile } from '../quantiser.ts';

/**
 * `made:FORMAT/MODEL` and `made:FORMAT/MODEL+/ADAPTER.gguf`: made again out of a model that is installed,
 * and the adapter's file; the bytes are the same.
 */
export function createMadeSource(pathOf: (model: string) => string): ModelSource {
  return {
    scheme: 'made',
    async doFetch(source, _file, target, { signal, onBytes }) {
      const [, wanted, model = '', adapter] =
        /^made:([^/]+)\/([^+]+)(?:\+(\/.+))?$/.exec(source) ?? [];
      const format = QUANTISATIONS.find((one) => one === wanted);
      if (format === undefined)
        throw new CadreError('source_failed', `\`${source}\` names no format that is made here`);
      const order = { source: pathOf(model), target, format };
      if (adapter !== undefined && !existsSync(adapter))
        throw new CadreError('source_failed', `the adapter ${adapter} is not there any more`);
      await quantiseFile(adapter === undefined ? order : { ...order, adapter }, {
        signal,
        onProgress: onBytes,
      });
    },
  };
}
