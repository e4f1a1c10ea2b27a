import { escapeMarkdown } from '../base/markdown-text.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Citation, EvidenceSentence } from '../core/evidence.ts';

type TextDelta = Extract<CadreEvent, { type: 'text-delta' }>;

/** Longest quotation of a note, in characters. */
const QUOTED = 300;

/**
 * The same stream with its citations as Markdown footnotes: `[^1]` behind each cited sentence and
 * the notes at the end of the answer, with document, place, version, date of the last change and
 * the quoted words. The citations stay, moved to where their sentences stand now.
 */
export async function* withFootnotes(
  events: AsyncIterable<CadreEvent>,
): AsyncGenerator<CadreEvent> {
  const choices = new Map<number, Notes>();
  for await (const event of events) {
    if (event.type === 'text-delta') {
      const notes = choices.get(event.choice) ?? new Notes();
      choices.set(event.choice, notes);
      yield notes.mark(event);
      continue;
    }
    const text = event.type === 'choice-ended' ? choices.get(event.choice)?.print() : undefined;
    if (event.type === 'choice-ended' && text !== undefined)
      yield { type: 'text-delta', choice: event.choice, text };
    yield event;
  }
}

/** The notes of one choice, numbered as they are first cited. */
class Notes {
  readonly #places: string[] = [];
  readonly #lines: string[] = [];
  /** Characters that marks have added so far. */
  #added = 0;

  mark(event: TextDelta): TextDelta {
    const { citations = [] } = event;
    if (citations.length === 0) return event;
    const said = event.text.trimEnd();
    const numbers = new Set(citations.map(({ sentence }) => this.#numberOf(sentence)));
    const marks = [...numbers].map((number) => `[^${number}]`).join('');
    const moved = citations.map((one) => movedBy(one, this.#added));
    this.#added += marks.length;
    return { ...event, text: said + marks + event.text.slice(said.length), citations: moved };
  }

  print(): string | undefined {
    return this.#lines.length === 0 ? undefined : `\n\n${this.#lines.join('\n')}`;
  }

  #numberOf(sentence: EvidenceSentence): number {
    const place = `${sentence.documentId}\n${sentence.documentVersion}\n${sentence.start}`;
    const known = this.#places.indexOf(place);
    if (known >= 0) return known + 1;
    const number = this.#places.push(place);
    this.#lines.push(`[^${number}]: ${noteOf(sentence)}`);
    return number;
  }
}

function movedBy(citation: Citation, count: number): Citation {
  const { answerStart, answerEnd } = citation;
  return { ...citation, answerStart: answerStart + count, answerEnd: answerEnd + count };
}

function noteOf(sentence: EvidenceSentence): string {
  const { path, page, line, documentVersion, modifiedAt } = sentence;
  const place = [
    escapeMarkdown(path),
    ...(page === undefined ? [] : [`page ${page}`]),
    ...(page !== undefined || line === undefined ? [] : [`line ${line}`]),
    `version ${documentVersion}`,
    ...(modifiedAt === undefined ? [] : [new Date(modifiedAt).toISOString().slice(0, 10)]),
  ];
  const text = escapeMarkdown(sentence.text);
  const quoted = text.length <= QUOTED ? text : `${text.slice(0, QUOTED - 1)}…`;
  return `${place.join(', ')}: “${quoted}”`;
}
