import type { Passage } from '../../src/core/evidence.ts';
import { CheckedRelease } from '../../src/verify/release.ts';
import type { CheckedReleaseOptions, ReleasePiece } from '../../src/verify/release-piece.ts';

export function passagesOf(...sentences: readonly string[]): readonly Passage[] {
  return [
    {
      chunkId: 'c1',
      score: 1,
      lexicalScore: 1,
      sentences: sentences.map((text, index) => ({
        number: index + 1,
        text,
        collection: 'docs',
        documentId: 'd1',
        documentVersion: 1,
        path: 'pump.md',
        headings: ['Manual'],
        start: index * 100,
        end: index * 100 + text.length,
      })),
    },
  ];
}

export const PUMP = passagesOf(
  'The Halvard 300 pump must be serviced every 1,200 operating hours.',
  'The seal kit has the part number HV-SK-17.',
  'Children under twelve must not touch the pump.',
  'The pump weighs 84 kg without its base plate.',
);

/** Releases an answer that comes in pieces of `size` characters, 10 ms apart. */
export async function run(text: string, options: Partial<CheckedReleaseOptions> = {}, size = 7) {
  let now = 0;
  const release = new CheckedRelease({
    passages: PUMP,
    threshold: 0.5,
    elapsed: () => now,
    ...options,
  });
  const pieces: ReleasePiece[] = [];
  const take = async (stream: AsyncIterable<ReleasePiece>) => {
    for await (const piece of stream) pieces.push(piece);
  };
  for (let start = 0; start < text.length; start += size) {
    now += 10;
    await take(release.push(text.slice(start, start + size)));
  }
  await take(release.flush());
  const released = pieces.flatMap((piece) => ('release' in piece ? piece.release : []));
  return {
    text: released.map((one) => one.text).join(''),
    citations: released.flatMap((one) => one.citations),
    rejects: pieces.flatMap((piece) => ('reject' in piece ? piece.reject : [])),
    heldMs: release.heldMs,
    pieces,
  };
}
