import type { JsonObject } from '../../core/chat.ts';
import { described, object, text } from '../schema-parts.ts';

const share = { type: 'number', minimum: 0, maximum: 1 };
const list = (items: JsonObject): JsonObject => ({ type: 'array', items });

const CANDIDATE = object(
  {
    spoke: text,
    probability: described(share, 'P(its answer is right).'),
    graded: described(
      { type: 'integer', minimum: 0 },
      'Graded requests of such kinds that stand behind it.',
    ),
    range: described(
      object({ low: share, high: share }, ['low', 'high']),
      'Where it lies with 90 % confidence, by the graded requests behind it.',
    ),
    cost: described({ type: 'number', minimum: 0 }, 'US dollars.'),
    latencyMs: described({ type: 'number', minimum: 0 }, 'To the last token, loading included.'),
    resident: { type: 'boolean' },
    joinedRows: described(
      { type: 'integer', minimum: 1 },
      'Graded requests that the gate knows it by, where it joined without a new fit.',
    ),
  },
  ['spoke', 'probability', 'cost', 'latencyMs', 'resident'],
);

const CERTIFIED = described(
  object(
    {
      reference: text,
      alpha: described(share, 'Most of what the reference gets right that may be lost.'),
      delta: described(share, '1 − confidence.'),
      expectedLoss: described(share, 'By the chosen spoke, on such requests.'),
      threshold: described(
        { type: 'number' },
        'Expected loss up to which a cheaper spoke answers; absent = the reference alone.',
      ),
    },
    ['reference', 'alpha', 'delta', 'expectedLoss'],
  ),
  'The promise, where a certificate decided.',
);

const PLAN = described(
  object(
    {
      first: text,
      next: described(text, 'Who is asked where the first answer is not sure enough.'),
      threshold: described(
        share,
        'P(right) after the checks from which on the first answer stays.',
      ),
      escalates: described(share, 'Share of such requests that go on.'),
      quality: described(share, 'P(the answer that is shown is right).'),
      cost: described({ type: 'number', minimum: 0 }, 'Expected US dollars, checks included.'),
      latencyMs: described({ type: 'number', minimum: 0 }, 'Expected, checks included.'),
      instead: described(
        object({ spoke: text, cost: { type: 'number' }, latencyMs: { type: 'number' } }, [
          'spoke',
          'cost',
          'latencyMs',
        ]),
        'What would have been asked at once.',
      ),
      second: described(
        text,
        'A small spoke whose agreement may make the first answer sure enough.',
      ),
    },
    ['first', 'next', 'threshold', 'escalates', 'quality', 'cost', 'latencyMs', 'instead'],
  ),
  'A cheap spoke first, whose answer is checked; absent where the chosen one is asked at once.',
);

/** What `POST /v1/gate/decide` answers. */
export const DECISION: JsonObject = object(
  {
    object: { const: 'gate.decision' },
    decision: object(
      {
        spoke: described(text, 'Who would be asked.'),
        promise: share,
        chosen: CANDIDATE,
        runnerUp: CANDIDATE,
        candidates: list(CANDIDATE),
        rejected: list(object({ id: text, code: text, reason: text }, ['id', 'code', 'reason'])),
        tasks: list(object({ task: text, probability: share }, ['task', 'probability'])),
        features: described({ type: 'object' }, 'What is seen of the request, by name.'),
        telling: described(
          list(object({ word: text, weight: { type: 'number' } }, ['word', 'weight'])),
          'Words that tell the task, and the log-odds that it loses without them.',
        ),
        reasons: described(list(text), 'Short sentences, the deciding one first.'),
        counterfactual: described(text, 'What would have changed the choice.'),
        certified: CERTIFIED,
        plan: PLAN,
        cascade: described(list(text), 'Who is asked after it when its checks fail.'),
      },
      ['spoke', 'promise', 'chosen', 'candidates', 'rejected', 'tasks', 'reasons', 'cascade'],
    ),
  },
  ['object', 'decision'],
);
