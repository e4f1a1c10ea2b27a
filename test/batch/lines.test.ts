import { expect, it } from 'vitest';
import { splitLines } from '../../src/batch/lines.ts';
import type { ObjectPart } from '../../src/core/objects.ts';

const PART = 256 * 1024;

async function* partOf(text: string): AsyncGenerator<ObjectPart> {
  yield { position: 0, bytes: Buffer.from(text) };
}

it.each([
  ['broken lines', '{\n'.repeat(1000), 1000, 60],
  ['blank lines', '\n'.repeat(PART), 0, 200],
  ['long lines', `${'x'.repeat(30_000)}\n`.repeat(8), 8, 2],
])('lets others in between %s', async (_what, text, count, turns) => {
  let turned = 0;
  const nextTurn = async () => {
    turned += 1;
  };
  const seen: number[] = [];
  for await (const { index } of splitLines(partOf(text), { lineBytes: 100_000, nextTurn }))
    seen.push(index);
  expect(seen).toEqual(Array.from({ length: count }, (_, index) => index));
  expect(turned).toBeGreaterThanOrEqual(turns);
});
