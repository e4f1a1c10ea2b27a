import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface NeededModel {
  readonly name: string;
  readonly sha256: string;
}

export const SMOLLM2: NeededModel = {
  name: 'SmolLM2-135M-Instruct.Q4_1.gguf',
  sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
};
export const CODER_SMALL: NeededModel = {
  name: 'qwen2.5-coder-0.5b-instruct-q4_k_m.gguf',
  sha256: '1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32',
};
export const CODER_LARGE: NeededModel = {
  name: 'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf',
  sha256: 'cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046',
};

/**
 * Where the weights lie: in the folder CADRE_TEST_MODELS or in `models/` of CADRE_HOME, as
 * SHA256/NAME or plain NAME. Says why on standard error when they are not there.
 */
export function findModel({ name, sha256 }: NeededModel): string | undefined {
  const folders = [
    process.env['CADRE_TEST_MODELS'],
    join(process.env['CADRE_HOME'] ?? join(homedir(), '.cadre'), 'models'),
  ].filter((folder) => folder !== undefined);
  for (const folder of folders)
    for (const path of [join(folder, sha256, name), join(folder, name)])
      if (existsSync(path)) return path;
  process.stderr.write(`skipped: ${name} is not in ${folders.join(' or ')}; run \`cadre pull\`\n`);
  return undefined;
}
