import { parseFile } from '../adapters/parsers/parse-file.ts';
import type { ParseReply, ParseRequest, ParseStep } from '../adapters/parsers/parse-protocol.ts';
import { ReadingTime } from '../adapters/parsers/reading-time.ts';
import { Unreadable } from '../adapters/parsers/unreadable.ts';

/**
 * Child process that reads one untrusted document at a time. It is started with a memory limit and
 * without the right to write, and its parent ends it when it takes too long.
 */
process.on('message', async (request: ParseRequest) => {
  process.send?.(await answer(request));
});
process.on('disconnect', () => process.exit(0));

async function answer({ call, file, seconds }: ParseRequest): Promise<ParseReply> {
  const time = new ReadingTime({
    seconds,
    now: () => performance.now(),
    onStep: () => process.send?.({ call, step: true } satisfies ParseStep),
  });
  try {
    const { blocks, ...rest } = await parseFile(file, time);
    return {
      call,
      ...rest,
      // The parent cuts the texts of the blocks from the whole: half the bytes, and offsets that hold.
      blocks: blocks.map(({ text: _cut, ...place }) => place),
    };
  } catch (thrown) {
    return { call, problem: problemOf(thrown) };
  }
}

function problemOf(thrown: unknown): string {
  if (thrown instanceof Unreadable) return thrown.message;
  if (thrown instanceof RangeError && /call stack/i.test(thrown.message))
    return 'its parts are nested too deep';
  const error = thrown as { code?: unknown; message?: unknown };
  if (error.code === 'EACCES') return 'the farm may not read the file';
  if (error.code === 'ENOENT') return 'the file is gone';
  return `it is damaged (${String(error.message ?? thrown)
    .split('\n')[0]
    ?.slice(0, 120)})`;
}
