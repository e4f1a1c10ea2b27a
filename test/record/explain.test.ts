import { describe, expect, it } from 'vitest';
import type { Receipt } from '../../src/core/receipt.ts';
import { explainReceipt } from '../../src/record/explain.ts';

const CANDIDATE = {
  spoke: 'small',
  probability: 0.7,
  graded: 80,
  cost: 0,
  latencyMs: 900,
  resident: true,
};

const RECEIPT: Receipt = {
  id: 'req_1',
  children: ['req_2', 'req_gone'],
  depth: 0,
  at: 1_700_000_000_000,
  requestedModel: 'auto',
  key: 'loopback',
  outcome: 'answered',
  policy: {
    label: 'personal',
    labelReasons: ['rule `personal data`: an e-mail address'],
    destinations: [
      { destination: 'local', allowed: true, reason: 'nothing leaves the machine' },
      { destination: 'cloud', allowed: false, reason: 'cleared for public only' },
    ],
  },
  route: {
    spoke: 'small',
    promise: 0.6,
    chosen: CANDIDATE,
    runnerUp: { ...CANDIDATE, spoke: 'large', probability: 0.9, resident: false },
    candidates: [CANDIDATE, { ...CANDIDATE, spoke: 'large', probability: 0.9, resident: false }],
    rejected: [{ id: 'far', code: 'label', reason: 'may not see personal data' }],
    tasks: [{ task: 'chat', probability: 0.8 }],
    features: { words: 12, questionForm: 1 },
    reasons: ['the cheapest that keeps the promise'],
    counterfactual: 'a promise above 70 % would choose large',
    cascade: ['large'],
  },
  attempts: [
    {
      spoke: 'small',
      model: 'smollm2',
      destination: 'local',
      usage: { promptTokens: 40, cachedTokens: 8, completionTokens: 12 },
      promptMs: 120,
      generationMs: 2400,
      outcome: 'escalated',
      reason: 'P(right) is 0.20 after the checks',
    },
  ],
  sources: [
    {
      collection: 'docs',
      documentId: 'd',
      documentVersion: 3,
      path: 'handbook.pdf',
      page: 4,
      start: 10,
      end: 60,
      score: 0.91,
      cited: true,
    },
    {
      collection: 'docs',
      documentId: 'd',
      documentVersion: 3,
      path: 'other.md',
      start: 0,
      end: 5,
      score: 0.2,
      cited: false,
    },
  ],
  checks: [{ check: 'names', passed: false, score: 0.1, detail: 'no source names it' }],
  finishReason: 'stop',
  usage: { promptTokens: 40, cachedTokens: 8, completionTokens: 12 },
  firstTokenMs: 130,
  totalMs: 2600,
  stages: [
    { stage: 'policy', ms: 0.4 },
    { stage: 'run', ms: 2520 },
  ],
  cost: { total: 0.000_012, reference: 0.0005, referenceName: 'GPT-4o list price' },
  energy: { joules: 37.5, tier: 'modelled' },
  confidence: 0.83,
  featureHashes: [],
  ledger: null,
};

const CHILD: Receipt = {
  ...RECEIPT,
  id: 'req_2',
  parent: 'req_1',
  children: ['req_3', 'req_1'],
  depth: 1,
  cost: { ...RECEIPT.cost, total: 1 },
};
const GRANDCHILD: Receipt = { ...CHILD, id: 'req_3', children: [], depth: 2 };

describe('explainReceipt', () => {
  it('says where words are withheld', () => {
    const withheld = 'what was kept of its words is withheld';
    expect(explainReceipt(RECEIPT, []).join('\n')).not.toContain(withheld);
    const lines = explainReceipt({ ...RECEIPT, isWithheld: true }, []);
    expect(lines.join('\n')).toContain(withheld);
  });

  const text = explainReceipt(RECEIPT, [CHILD, GRANDCHILD]).join('\n');

  it.each([
    ['outcome', 'req_1 answered'],
    ['confidence', 'P(right) 83 % after the checks'],
    ['label', 'Label personal'],
    ['label reason', 'rule `personal data`: an e-mail address'],
    ['refused destination', 'may not go to cloud: cleared for public only'],
    ['route', 'Route small, promise 60 %'],
    ['route reason', 'the cheapest that keeps the promise'],
    ['chosen', '→ small: P(right) 70 % (62 % … 77 %), $0, 900 ms, loaded'],
    ['request', 'seen: 12 words, begins as a question'],
    ['runner-up', '2. large: P(right) 90 %'],
    ['rejected', '× far: may not see personal data (label)'],
    ['cascade', 'if its checks fail, then large'],
    ['counterfactual', 'a promise above 70 % would choose large'],
    ['source', 'cited docs/handbook.pdf page 4 (version 3, characters 10–60, score 0.91)'],
    ['sources not cited', '1 more sentence was read and not cited'],
    ['attempt', '1. small (smollm2, local) escalated: P(right) is 0.20 after the checks'],
    ['tokens', '40 (8 kept) tokens read in 120 ms, 12 written in 2.4 s'],
    ['check', '✗ names 0.10: no source names it'],
    ['time', '2.6 s in all, first token after 130 ms'],
    ['stage', 'policy 0.4 ms'],
    ['cost', '$0.000012; $0.0005 at the GPT-4o list price'],
    ['energy', '38 J modelled'],
    ['cost of the tree', 'with all delegated requests $2.00'],
    ['grandchild', '    req_3 answered by small'],
    ['child that is gone', 'req_gone: its receipt is gone'],
  ])('tells the %s', (_, words) => {
    expect(text).toContain(words);
  });

  it('tells what callers said of the answer, and what the receipt holds only once', () => {
    const lines = explainReceipt(
      RECEIPT,
      [],
      [
        { spoke: 'large', source: 'verification', score: 0.8 },
        { spoke: 'large', source: 'thumbs', score: 0 },
        { spoke: 'large', source: 'correction', score: 0 },
        { spoke: 'large', source: 'score', score: 0.25 },
      ],
    );
    const at = lines.indexOf('Feedback');
    expect(lines.slice(at + 1, at + 4)).toEqual([
      '  large: thumbs down',
      '  large: corrected',
      '  large: 25 % good',
    ]);
    expect(lines[at + 4]).toMatch(/^\S/);
    expect(explainReceipt(RECEIPT, [])).not.toContain('Feedback');
  });

  it('tells the sum that the receipt has, also of requests that are gone', () => {
    const total = {
      usage: { promptTokens: 900, cachedTokens: 0, completionTokens: 80 },
      cost: { ...RECEIPT.cost, total: 3 },
      energy: { ...RECEIPT.energy, joules: 280 },
    };
    expect(explainReceipt({ ...RECEIPT, total }, []).join('\n')).toContain(
      'with all delegated requests $3.00, 280 J, 900 tokens read, 80 written',
    );
  });

  it('indents details and only details', () => {
    const headings = text.split('\n').filter((line) => !line.startsWith('  '));
    expect(headings.map((line) => line.split(' ')[0]?.replace(',', ''))).toEqual([
      'req_1',
      'Label',
      'Route',
      'Sources',
      'Attempts',
      'Checks',
      'Time',
      'Cost',
      'Delegated',
    ]);
  });

  it('says where words were not kept and what a cut request did', () => {
    const [attempt] = RECEIPT.attempts;
    const lines = explainReceipt(
      {
        ...RECEIPT,
        attempts: attempt === undefined ? [] : [{ ...attempt, generationMs: 0, reason: 'by “…”' }],
        checks: [{ check: 'support', passed: true, score: 1, detail: 'least “”', sentence: '' }],
        sources: RECEIPT.sources.map((one) => ({ ...one, cited: false })).slice(0, 1),
      },
      [],
    ).join('\n');
    expect(lines).toContain('by (text not kept)');
    expect(lines).toContain('least (text not kept)');
    expect(lines).not.toMatch(/“…?”|0\.0 ms/);
    expect(lines).toContain('12 written');
    expect(lines).toContain('1 more sentence was read');
  });

  it('ends although receipts name each other as children', () => {
    const looped = { ...CHILD, children: ['req_2', 'req_1'] };
    expect(explainReceipt(RECEIPT, [looped]).filter((line) => /req_2/.test(line))).toHaveLength(1);
  });

  it('shows three levels below the receipt and counts what lies deeper', () => {
    const chain = [1, 2, 3, 4].map((level) => ({
      ...CHILD,
      id: `req_level${level}`,
      children: [`req_level${level + 1}`],
      depth: level,
    }));
    const lines = explainReceipt({ ...RECEIPT, children: ['req_level1'] }, chain.reverse());
    expect(lines.slice(lines.indexOf('Delegated') + 1).map((line) => line.split(',')[0])).toEqual([
      '  req_level1 answered by small',
      '    req_level2 answered by small',
      '      req_level3 answered by small',
      '        1 more below',
    ]);
  });

  it('shows a receipt once although several name it as child', () => {
    const lines = explainReceipt({ ...RECEIPT, children: ['req_2', 'req_3'] }, [CHILD, GRANDCHILD]);
    expect(lines.filter((line) => /^ +req_3/.test(line))).toHaveLength(1);
  });

  it('explains a request that failed before anything was known', () => {
    const { policy: _p, route: _r, finishReason: _f, firstTokenMs: _t, ...rest } = RECEIPT;
    const lines = explainReceipt(
      {
        ...rest,
        at: Number.NaN,
        outcome: 'failed',
        attempts: [],
        sources: [],
        checks: [],
        stages: [],
        children: [],
        error: { code: 'label_refused', message: 'no spoke may see it' },
      },
      [],
    );
    expect(lines.join('\n')).toContain('label_refused: no spoke may see it');
  });

  it('lets no stored text move the terminal', () => {
    const message = 'a\u001b[2Jb\nc\u202ed\u2028e';
    const lines = explainReceipt({ ...RECEIPT, error: { code: 'internal', message } }, []);
    expect(lines.join('')).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
  });
});
