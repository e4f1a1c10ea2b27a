import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CadreError } from '../core/errors.ts';
import { nearestName } from '../core/nearest.ts';

/** Public test sets by name, as they lie in a folder of public data. */
const KNOWN: Readonly<Record<string, string>> = {
  'banking77-test': 'intent/banking77-test.csv.gz',
  clinc150: 'intent/clinc150-full.json.gz',
  gsm8k: 'gate/routellm-gsm8k.jsonl.gz',
  mmlu: 'gate/routellm-mmlu.jsonl.gz',
  'llmrouter-14-tasks': 'gate/questions-with-gold.jsonl.gz',
  cranfield: 'retrieval/cranfield/queries.jsonl.gz',
  med: 'retrieval/med/queries.jsonl.gz',
  vaswani: 'retrieval/vaswani/queries.jsonl.gz',
  scifact: 'grounding/scifact-train.jsonl.gz',
  wice: 'grounding/wice-claim-dev.jsonl.gz',
  'deepset-injection': 'trust/deepset-injection-train.jsonl.gz',
  notinject: 'trust/notinject-one.jsonl.gz',
  'presidio-synth': 'trust/presidio-synth-v2.jsonl.gz',
};

/**
 * The file of `--against`: a path, a public set by its name where the folder of public data is there,
 * or `known`: all sets of it. Throws `invalid_request` that names what there is.
 */
export function againstFiles(
  wanted: string,
  folder: string | undefined,
): readonly { readonly name: string; readonly path: string }[] {
  if (existsSync(wanted)) return [{ name: wanted, path: wanted }];
  const found = Object.entries(KNOWN).flatMap(([name, file]) => {
    const path = join(folder ?? '', file);
    return folder !== undefined && existsSync(path) ? [{ name, path }] : [];
  });
  const chosen = wanted === 'known' ? found : found.filter((one) => one.name === wanted);
  if (chosen.length > 0) return chosen;
  const names = found.map((one) => one.name);
  const near = nearestName(wanted, names);
  const there =
    folder === undefined
      ? 'public sets have names where CADRE_DATA names their folder'
      : `the folder of CADRE_DATA holds ${names.join(', ') || 'no public set'}`;
  throw new CadreError(
    'invalid_request',
    `--against ${wanted}: there is no such file; ${near === undefined ? there : `did you mean ${near}?`}`,
    { param: 'against' },
  );
}
