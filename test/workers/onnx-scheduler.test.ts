import { describe, expect, it } from 'vitest';
import type {
  EmbedKind,
  OnnxModelSpec,
  OnnxReply,
} from '../../src/adapters/models/onnx-protocol.ts';
import { OnnxScheduler } from '../../src/adapters/models/onnx-scheduler.ts';

const model: OnnxModelSpec = {
  id: 'any',
  path: '',
  tokenizerPath: '',
  dimensions: 1,
  pooling: 'cls',
  queryPrefix: '',
  maxTokens: 8,
  threads: 1,
};

/** Texts in the order in which they ran; the run of `gate` waits until it is opened. */
function scene() {
  const ran: string[] = [];
  const replies: OnnxReply[] = [];
  let waiting = 0;
  let allDone: () => void = () => undefined;
  const gate = Promise.withResolvers<void>();
  const scheduler = new OnnxScheduler(
    async () => ({
      doEmbed: async (text: string) => {
        if (text === 'gate') await gate.promise;
        if (text === 'fail') throw new Error('cannot embed');
        if (text === 'work') for (let sum = 0; sum < 2e8; ) sum += 1;
        if (text === 'idle') await new Promise((done) => setTimeout(done, 300));
        ran.push(text);
        return { vector: Float32Array.of(text.length), tokenCount: 2, isCut: text.length > 1 };
      },
      doReadTokens: async (text: string, kind: EmbedKind) => {
        if (text === 'gate') await gate.promise;
        if (text === 'fail') throw new Error('cannot read');
        ran.push(`${kind}:${text}`);
        return Float32Array.of(text.startsWith('near') ? 1 : -1);
      },
      doClose: async () => undefined,
    }),
    (reply) => {
      replies.push(reply);
      if (reply.type === 'progress') return;
      waiting -= 1;
      if (waiting === 0) allDone();
    },
  );
  const add = (call: number, kind: EmbedKind, texts: readonly string[]) => {
    waiting += 1;
    scheduler.add({ type: 'embed', call, model, kind, texts });
  };
  const match = (call: number, texts: readonly string[], budgetMs: number) => {
    waiting += 1;
    scheduler.addMatch({ type: 'match', call, model, query: 'near', texts, budgetMs });
  };
  const finished = () =>
    new Promise<void>((resolve) => {
      allDone = resolve;
      gate.resolve();
    });
  const cancel = (call: number) => {
    waiting -= 1;
    scheduler.cancel(call);
  };
  return { add, match, cancel, finished, ran, replies };
}

describe('the order of texts', () => {
  it('is queries first, then the call with the fewest texts left', async () => {
    const { add, finished, ran } = scene();
    add(1, 'passage', ['gate', 'long 2', 'long 3', 'long 4']);
    add(2, 'passage', ['short 1', 'short 2']);
    add(3, 'query', ['query 1']);
    add(4, 'query', ['query 2']);
    await finished();
    expect(ran).toEqual([
      'gate',
      'query 1',
      'query 2',
      'short 1',
      'short 2',
      'long 2',
      'long 3',
      'long 4',
    ]);
  });

  it('leaves a cancelled call out after the text that runs', async () => {
    const { add, cancel, finished, ran, replies } = scene();
    add(1, 'passage', ['gate', 'never', 'never']);
    add(2, 'passage', ['other']);
    cancel(1);
    await finished();
    expect(ran).toEqual(['gate', 'other']);
    expect(replies.map((reply) => reply.call)).toEqual([2]);
  });

  it('answers with vectors and tokens in the order of the texts', async () => {
    const { add, finished, replies } = scene();
    add(1, 'query', ['a', 'bb', 'ccc']);
    await finished();
    expect(replies).toMatchObject([
      {
        type: 'embedded',
        vectors: [Float32Array.of(1), Float32Array.of(2), Float32Array.of(3)],
        tokenCount: 6,
        cutCount: 2,
      },
    ]);
  });

  it('fails only the call whose text fails', async () => {
    const { add, finished, replies } = scene();
    add(1, 'query', ['fail', 'later']);
    add(2, 'query', ['fine']);
    await finished();
    expect(replies).toMatchObject([
      { type: 'failed', call: 1, code: 'internal', message: 'cannot embed' },
      { type: 'embedded', call: 2 },
    ]);
  });

  it('tells the CPU time of the texts, not the time that passed', async () => {
    const { add, finished, replies } = scene();
    add(1, 'passage', ['idle']);
    add(2, 'passage', ['work']);
    await finished();
    const [idle, work] = replies.map((reply) => (reply.type === 'embedded' ? reply.cpuMs : 0));
    expect(idle).toBeLessThan(work ?? 0);
    expect(idle).toBeLessThan(250);
  });
});

describe('comparing token by token', () => {
  it('scores texts in order, queries first and passages last, and reads a text once', async () => {
    const { add, match, finished, ran, replies } = scene();
    add(1, 'passage', ['gate', 'p']);
    match(2, ['near a', 'far', 'near a'], 60_000);
    add(3, 'query', ['q']);
    await finished();
    expect(ran).toEqual(['gate', 'q', 'query:near', 'passage:near a', 'passage:far', 'p']);
    expect(replies).toContainEqual(
      expect.objectContaining({ type: 'matched', call: 2, scores: [1, -1, 1] }),
    );
  });

  it('answers with what the budget allowed, and tells of a text that fails', async () => {
    const { match, finished, replies } = scene();
    match(1, ['near a', 'far'], 0);
    match(2, ['fail'], 60_000);
    await finished();
    expect(replies).toContainEqual(expect.objectContaining({ call: 1, scores: [] }));
    expect(replies).toContainEqual(expect.objectContaining({ type: 'failed', call: 2 }));
  });
});
