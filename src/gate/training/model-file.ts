/** Text of `task-model.generated.ts` for the bytes of a trained task classifier. */
export function taskModelFile(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return [
    '// Made by `cadre bench task-classifier -- --write` from src/gate/training; do not edit.',
    `export const TASK_MODEL =\n  '${btoa(binary)}';`,
    '',
  ].join('\n');
}
