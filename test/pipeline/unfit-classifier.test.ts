import { describe, expect, it } from 'vitest';
import type { RouteDecision } from '../../src/core/decision.ts';
import { CadreError } from '../../src/core/errors.ts';
import { Rungs } from '../../src/stages/rungs.ts';

const local = { destination: 'local', contextLength: 4096 };
const spokes = [
  { config: { id: 'orders', kind: 'classifier' }, gate: local },
  { config: { id: 'general', kind: 'chat' }, gate: local },
];
type Life = ConstructorParameters<typeof Rungs>[0];

function nextAfter(first: string, error: CadreError): string | undefined {
  const decision = {
    spoke: first,
    cascade: ['orders', 'general'].filter((id) => id !== first),
    candidates: [],
  } as unknown as RouteDecision;
  const rungs = new Rungs({ spokes } as unknown as Life, decision);
  const asked = rungs.take(rungs.chosen);
  return rungs.after(asked, { outcome: 'failed', error } as never)?.config.id;
}

describe('a classifier that has nothing for the form of the answer', () => {
  const unfit = new CadreError('invalid_request', 'the text has no `date`', {
    param: 'response_format',
  });

  it('gives way to the next spoke', () => {
    expect(nextAfter('orders', unfit)).toBe('general');
  });

  it('while other errors of a request, and those of a model, are the caller’s to hear', () => {
    expect(nextAfter('general', unfit)).toBeUndefined();
    const other = new CadreError('invalid_request', 'no text', { param: 'messages' });
    expect(nextAfter('orders', other)).toBeUndefined();
  });
});
