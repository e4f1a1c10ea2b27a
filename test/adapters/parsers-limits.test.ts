import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { createParser } from '../../src/adapters/parsers/parser-process.ts';

const workerFile = fileURLToPath(new URL('../ground/fixtures/moody-worker.ts', import.meta.url));
const { signal } = new AbortController();
const parsers: { doClose(): Promise<void> }[] = [];
const open = (options = {}) => {
  const parser = createParser({ workerFile, seconds: 1, children: 1, ...options });
  parsers.push(parser);
  return parser;
};

afterEach(async () => {
  await Promise.all(parsers.splice(0).map((parser) => parser.doClose()));
});

describe('the limits of a parse process', () => {
  it('ends one that takes too long and reads the next document in a fresh one', async () => {
    const parser = open();
    const before = (await parser.doParse('a.md', { signal })).text;
    await expect(parser.doParse('hang.md', { signal })).rejects.toMatchObject({
      code: 'document_unreadable',
      message: 'reading it took longer than 1 s',
      param: 'hang.md',
    });
    const after = (await parser.doParse('a.md', { signal })).text;
    expect(after).not.toBe(before);
    expect((await parser.doParse('a.md', { signal })).text).toBe(after);
  });

  it('survives a crash and does not believe places outside the text', async () => {
    const parser = open();
    await expect(parser.doParse('crash.md', { signal })).rejects.toThrow('failed');
    await expect(parser.doParse('lie.md', { signal })).rejects.toThrow('places outside');
    expect((await parser.doParse('a.md', { signal })).blocks).toEqual([]);
  });

  it('takes a fresh process after every PDF', async () => {
    const parser = open();
    const first = (await parser.doParse('a.pdf', { signal })).text;
    expect((await parser.doParse('a.md', { signal })).text).not.toBe(first);
  });

  it('stops at once when the caller aborts, working or waiting', async () => {
    const parser = open({ seconds: 60 });
    const controller = new AbortController();
    const working = parser.doParse('hang.md', { signal: controller.signal });
    const waiting = parser.doParse('b.md', { signal: controller.signal });
    controller.abort();
    await expect(working).rejects.toBe(controller.signal.reason);
    await expect(waiting).rejects.toBe(controller.signal.reason);
    await expect(parser.doParse('a.md', { signal: controller.signal })).rejects.toBe(
      controller.signal.reason,
    );
    expect((await parser.doParse('a.md', { signal })).blocks).toEqual([]);
  });

  it('bounds its queue and refuses after closing', async () => {
    const parser = open({ queueLength: 1, seconds: 60 });
    const controller = new AbortController();
    const held = [1, 2].map(() =>
      parser.doParse('hang.md', { signal: controller.signal }).catch((error) => error),
    );
    await expect(parser.doParse('c.md', { signal })).rejects.toMatchObject({ code: 'overloaded' });
    controller.abort();
    await Promise.all(held);
    await parser.doClose();
    await expect(parser.doParse('a.md', { signal })).rejects.toMatchObject({
      code: 'shutting_down',
    });
  });
});
