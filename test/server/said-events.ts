import type { Call } from '../../src/core/call.ts';
import type { CadreEvent } from '../../src/core/events.ts';
import type { Citation } from '../../src/core/evidence.ts';
import { accepted, createScriptedFarm, ended, type ScriptedFarm } from './scripted-farm.ts';

/** A farm whose every answer is these events between acceptance and end. */
export function farmSaying(...steps: readonly CadreEvent[]): ScriptedFarm {
  const farm = createScriptedFarm();
  farm.script = async function* (call: Call) {
    yield accepted(call);
    yield* steps;
    yield ended(call);
  };
  return farm;
}

export const text = (words: string, citations?: readonly Citation[]): CadreEvent =>
  citations === undefined
    ? { type: 'text-delta', choice: 0, text: words }
    : { type: 'text-delta', choice: 0, text: words, citations };
export const stopped = (more: object = {}): CadreEvent =>
  ({ type: 'choice-ended', choice: 0, finishReason: 'stop', ...more }) as CadreEvent;
export const thought = (fields: object): CadreEvent =>
  ({ type: 'thinking-delta', choice: 0, text: '', ...fields }) as CadreEvent;
export const call = (index: number, json: string, head: object = {}): CadreEvent =>
  ({ type: 'tool-call-delta', choice: 0, index, arguments: json, ...head }) as CadreEvent;

export const CITATION: Citation = {
  sentence: {
    number: 1,
    text: 'Trips are approved by Ann.',
    collection: 'law',
    documentId: 'doc_1',
    documentVersion: 1,
    path: 'rules.md',
    headings: [],
    start: 10,
    end: 36,
  },
  answerStart: 0,
  answerEnd: 20,
  support: 0.9,
};
