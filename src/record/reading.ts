import { counted } from '../base/counted.ts';
import type { CadreEvent } from '../core/events.ts';
import type { ReadingEnd, ReadingReason } from '../core/reading.ts';
import type { ReadingRecord } from '../core/receipt.ts';
import { duration } from './figures.ts';

type ReadingEvent = Extract<CadreEvent, { type: 'reading-step' | 'reading-ended' }>;

const NONE: ReadingRecord = { steps: [], ended: 'complete', parts: 0, open: 0 };

/** The record with one more event, without its words. */
export function recordReading(record = NONE, event: ReadingEvent): ReadingRecord {
  if (event.type === 'reading-ended') {
    const { ended, parts } = event;
    return {
      ...record,
      ended,
      parts: parts.length,
      open: parts.filter((one) => !one.isFound).length,
    };
  }
  const { reason, found, ms } = event.step;
  const step = { reason, found, ms: Math.round(ms * 1000) / 1000 };
  return { ...record, steps: [...record.steps, step] };
}

const REASONS: Readonly<Record<ReadingReason, string>> = {
  part: 'searched a part of the question',
  section: 'opened a section that a passage names',
  document: 'opened a document that a passage names',
  neighbour: 'read the passage next door, where it goes on',
  name: 'searched a name that a passage brought',
};

const ENDS: Readonly<Record<ReadingEnd, string>> = {
  complete: 'nothing was left to follow',
  steps: 'stopped: as many steps as are allowed',
  time: 'stopped: the time for reading was over',
  trouble: 'stopped: a step failed',
};

/** Lines of `cadre why`. */
export function explainReading(record: ReadingRecord | undefined): string[] {
  if (record === undefined) return [];
  const { steps, ended, parts, open } = record;
  const lines = steps.map(({ reason, found, ms }, index) => {
    const news = found === 0 ? 'nothing new' : counted(found, 'new passage');
    return `${index + 1}. ${REASONS[reason]}: ${news}, ${duration(ms)}`;
  });
  const unsaid = open === 0 ? '' : `, ${open} of them not in the documents`;
  if (parts > 0) lines.push(`${parts} parts of the question${unsaid}`);
  return [...lines, ENDS[ended]];
}
