import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fault, FaultProvider } from './fault-provider.ts';
import { chat, type Mode, type RunningTestFarm, startTestFarm } from './running-farm.ts';
import { firstWords, SIXTY, type WireDialect } from './scripted-answer.ts';

/**
 * `itself`: the answer is good; `elsewhere`: nothing of it may be shown, so another spoke answers;
 * a number: so many words were shown before it broke, so a stream ends as an error.
 */
type Verdict = 'itself' | 'elsewhere' | number;

interface BadAnswer {
  readonly verdict: Verdict;
  readonly answer: Fault;
  /** Dialects in which it can happen; both where absent. */
  readonly only?: WireDialect;
  readonly destination?: object;
}

const STREAM = { 'content-type': 'text/event-stream' };

/** After twenty words the given bytes, then the rest of the answer. */
function within(bytes: string): Fault {
  return async (answer) => {
    await answer.head();
    await answer.words(0, 20);
    await answer.write(bytes);
    await answer.words(20, 60);
    await answer.end();
  };
}

const BAD: Readonly<Record<string, BadAnswer>> = {
  'an-html-page-with-status-200': {
    verdict: 'elsewhere',
    answer: ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html><body>Please sign in</body></html>');
    },
  },
  'html-that-says-it-is-a-stream': {
    verdict: 'elsewhere',
    answer: ({ response }) => {
      response.writeHead(200, STREAM);
      response.end('<html>\n<body>\n\nPlease sign in\n\n</body></html>');
    },
  },
  'html-that-says-it-is-json': {
    verdict: 'elsewhere',
    answer: ({ response }) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('<html></html>');
    },
  },
  'a-content-length-that-is-too-long': {
    verdict: 40,
    async answer(answer) {
      await answer.head({ 'content-length': '1000000' });
      await answer.words(0, 40);
      answer.cut();
    },
  },
  'a-content-length-that-is-too-short': {
    verdict: 'elsewhere',
    async answer(answer) {
      await answer.head({ 'content-length': '20' });
      await answer.words(0, 60);
      await answer.end();
    },
  },
  'gzip-that-lies': {
    verdict: 'elsewhere',
    answer: (answer) => {
      answer.response.writeHead(200, { ...STREAM, 'content-encoding': 'gzip' });
      answer.response.end(answer.whole());
    },
  },
  'gzip-that-is-true': {
    verdict: 'itself',
    answer: (answer) => {
      answer.response.writeHead(200, { ...STREAM, 'content-encoding': 'gzip' });
      answer.response.end(gzipSync(answer.whole()));
    },
  },
  'gzip-that-is-cut': {
    verdict: 'elsewhere',
    answer: (answer) => {
      answer.response.writeHead(200, { ...STREAM, 'content-encoding': 'gzip' });
      answer.response.end(gzipSync(answer.whole()).subarray(0, 30));
    },
  },
  'a-line-of-ten-megabytes': {
    verdict: 20,
    answer: within(`data: ${'x'.repeat(10_000_000)}\n\n`),
  },
  'a-line-that-never-ends': {
    verdict: 20,
    async answer(answer) {
      await answer.head();
      await answer.words(0, 20);
      while (!answer.response.destroyed) await answer.write('x'.repeat(1_000_000));
    },
  },
  'every-byte-on-its-own': {
    verdict: 'itself',
    async answer(answer) {
      answer.response.writeHead(200, STREAM);
      for (const byte of Buffer.from(`: é€𝄞\n\n${answer.whole()}`).subarray(0, 400))
        await answer.write(Uint8Array.of(byte));
      await answer.write(Buffer.from(`: é€𝄞\n\n${answer.whole()}`).subarray(400));
      answer.response.end();
    },
  },
  'every-kind-of-line-end': {
    verdict: 'itself',
    answer: (answer) => {
      const ends = ['\r\n', '\r', '\n'];
      const events = answer.whole().split('\n\n').slice(0, -1);
      answer.response.writeHead(200, STREAM);
      answer.response.end(
        events
          .map((one, index) => `${one}\n\n`.replaceAll('\n', ends[index % ends.length] ?? '\n'))
          .join(''),
      );
    },
  },
  'empty-choices-as-an-end': {
    verdict: 20,
    only: 'openai',
    async answer(answer) {
      await answer.head();
      await answer.words(0, 20);
      answer.response.end('data: {"choices":[]}\n\ndata: [DONE]\n\n');
    },
  },
  'an-end-mark-without-an-end': {
    verdict: 20,
    async answer(answer) {
      await answer.head();
      await answer.words(0, 20);
      answer.response.end(answer.wire.done);
    },
  },
  'an-error-within': {
    verdict: 20,
    async answer(answer) {
      await answer.head();
      await answer.words(0, 20);
      const error = answer.wire.error('overloaded_error', 'too busy');
      answer.response.end(`data: ${JSON.stringify(error)}\n\n`);
    },
  },
  'a-number-instead-of-an-object': { verdict: 20, answer: within('data: 5\n\n') },
  'signs-of-life-and-nothing-else': {
    verdict: 'elsewhere',
    destination: { totalSeconds: 1 },
    async answer(answer) {
      await answer.head();
      while (!answer.response.destroyed) {
        await answer.write(': still here\n\n');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  },
  'a-redirect': {
    verdict: 'elsewhere',
    answer: ({ response }) => {
      response.writeHead(307, { location: '/v1/elsewhere' });
      response.end();
    },
  },
  'nothing-at-all': {
    verdict: 'elsewhere',
    answer: ({ response }) => {
      response.writeHead(200, STREAM);
      response.end();
    },
  },
};

const DIALECTS: readonly WireDialect[] = ['openai', 'anthropic'];
const MODES: readonly Mode[] = ['stream', 'whole'];
const CASES = Object.entries(BAD).flatMap(([name, { only }]) =>
  DIALECTS.filter((dialect) => only === undefined || dialect === only).map(
    (dialect) => [name, dialect] as const,
  ),
);

let provider: FaultProvider;
let farm: RunningTestFarm;

beforeAll(async () => {
  provider = await FaultProvider.start(
    Object.fromEntries(Object.entries(BAD).map(([name, { answer }]) => [name, answer])),
  );
  const url = { openai: `${provider.url}/v1`, anthropic: provider.url };
  const fallback = ['fallback'];
  farm = await startTestFarm({
    destinations: [
      ...CASES.map(([name, kind]) => ({
        id: `${name}.${kind}`,
        kind,
        url: url[kind],
        retry: { most: 0 },
        ...BAD[name]?.destination,
      })),
      { id: 'healthy', kind: 'openai', url: url.openai },
    ],
    spokes: [
      ...CASES.map(([name, kind]) => ({
        id: `${name}.${kind}`,
        model: `${name}.${kind}/${name}`,
        fallback,
      })),
      { id: 'fallback', model: 'healthy/fallback' },
    ],
  });
});
afterAll(async () => {
  await farm.stop();
  await provider.stop();
});

describe('an upstream that sends', () => {
  it.each(CASES.flatMap(([name, dialect]) => MODES.map((mode) => [name, dialect, mode] as const)))(
    '%s (%s, %s) comes to a clear end',
    async (name, dialect, mode) => {
      const primary = `${name}.${dialect}`;
      const seen = await chat(farm.url, primary, mode);
      const verdict = BAD[name]?.verdict;
      if (typeof verdict === 'number' && mode === 'stream')
        expect(seen).toMatchObject({
          text: firstWords(verdict),
          finish: undefined,
          isClean: false,
          error: { code: expect.stringMatching(/^upstream_/) },
        });
      else
        expect(seen).toMatchObject({
          status: 200,
          text: SIXTY,
          finish: 'stop',
          isClean: true,
          spoke: verdict === 'itself' ? primary : 'fallback',
        });
    },
  );
});
