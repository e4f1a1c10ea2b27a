import { describe, expect, it } from 'vitest';
import type { CadreEvent } from '../../src/core/events.ts';
import type { Citation } from '../../src/core/evidence.ts';
import { withFootnotes } from '../../src/run/footnotes.ts';

const cited = (start: number, end: number, more: Partial<Citation['sentence']> = {}): Citation => ({
  sentence: {
    number: 1,
    text: 'Trips abroad are\n approved by the *head*.',
    collection: 'house',
    documentId: 'd1',
    documentVersion: 3,
    path: 'rules/travel.md',
    modifiedAt: Date.UTC(2026, 2, 4),
    headings: [],
    line: 7,
    start: 40,
    end: 80,
    ...more,
  },
  answerStart: start,
  answerEnd: end,
  support: 0.9,
});
const text = (words: string, citations: readonly Citation[] = []): CadreEvent => ({
  type: 'text-delta',
  choice: 0,
  text: words,
  citations,
});
const END: CadreEvent = { type: 'choice-ended', choice: 0, finishReason: 'stop' };

async function shown(...events: CadreEvent[]) {
  const given = (async function* () {
    yield* events;
  })();
  let whole = '';
  const citations: Citation[] = [];
  const types: string[] = [];
  for await (const event of withFootnotes(given)) {
    types.push(event.type);
    if (event.type !== 'text-delta') continue;
    whole += event.text;
    citations.push(...(event.citations ?? []));
  }
  return { whole, citations, types };
}

describe('withFootnotes', () => {
  it('marks cited sentences, notes their sources once, and keeps the citations on their sentences', async () => {
    const other = { documentId: 'd2', path: 'plan.pdf', page: 2, start: 5 };
    const { whole, citations } = await shown(
      text('The head approves trips. ', [cited(0, 24)]),
      text('Plan early. ', [cited(25, 36, other)]),
      text('The head decides.', [cited(37, 54)]),
      END,
    );
    expect(whole).toBe(
      'The head approves trips.[^1] Plan early.[^2] The head decides.[^1]\n\n' +
        '[^1]: rules/travel.md, line 7, version 3, 2026-03-04: “Trips abroad are approved by the \\*head\\*.”\n' +
        '[^2]: plan.pdf, page 2, version 3, 2026-03-04: “Trips abroad are approved by the \\*head\\*.”',
    );
    const places = citations.map(({ answerStart, answerEnd }) =>
      whole.slice(answerStart, answerEnd),
    );
    expect(places).toEqual(['The head approves trips.', 'Plan early.', 'The head decides.']);
  });

  it('leaves what cites nothing as it is', async () => {
    const { whole, types } = await shown(text('Hello.'), END);
    expect(whole).toBe('Hello.');
    expect(types).toEqual(['text-delta', 'choice-ended']);
  });

  it('lets no document write Markdown into a note', async () => {
    const hostile = { path: 'a](http://x) <b>.md', text: '![x](http://evil) <script>' };
    const { whole } = await shown(text('So.', [cited(0, 3, hostile)]), END);
    expect(whole).toContain('\\!\\[x\\](http://evil) \\<script\\>');
    expect(whole).toContain('a\\](http://x) \\<b\\>.md');
  });
});
