import type { Call } from '../../src/core/call.ts';
import type { Citation, EvidenceSentence, Passage } from '../../src/core/evidence.ts';
import type { Attempt } from '../../src/core/receipt.ts';

export const SECRET_TEXT = 'the moon base opens in May';

export function sampleCall(keepsText = false): Call {
  return {
    id: 'req_1',
    request: { model: 'auto', messages: [], sampling: {} },
    caller: { key: 'key_1', principals: ['public'], keepsText },
    deadline: 1000,
    depth: 1,
    parent: 'req_0',
  };
}

export function sampleSentence(number: number): EvidenceSentence {
  return {
    number,
    text: SECRET_TEXT,
    collection: 'docs',
    documentId: 'a',
    documentVersion: 2,
    path: 'a.md',
    headings: [SECRET_TEXT],
    line: number,
    start: number * 10,
    end: number * 10 + 9,
  };
}

export function samplePassage(score: number, numbers: readonly number[]): Passage {
  return { chunkId: 'c', score, lexicalScore: score, sentences: numbers.map(sampleSentence) };
}

export function sampleCitation(number: number): Citation {
  return { sentence: sampleSentence(number), answerStart: 0, answerEnd: 4, support: 0.9 };
}

export function sampleAttempt(change: Partial<Attempt> = {}): Attempt {
  return {
    spoke: 'chat',
    model: 'small',
    destination: 'local',
    usage: { promptTokens: 100, cachedTokens: 20, completionTokens: 10 },
    promptMs: 50,
    generationMs: 200,
    outcome: 'released',
    ...change,
  };
}
