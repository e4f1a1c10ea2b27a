/** What was true of the documents of a living folder, and when. All times by one clock. */

/** A reading state of a document: in force from when it was asked for until the next was acknowledged. */
interface ReadersSpan {
  readonly from: number;
  to: number;
  /** Undefined = everyone. */
  readonly team: string | undefined;
}

interface Edition {
  readonly slot: number;
  readonly team: ReadersSpan[];
  /** When it was acknowledged to be gone; +∞ while it is there. */
  endedAt: number;
  ending: 'replaced' | 'deleted' | undefined;
}

export interface Findings {
  stale: number;
  tombstones: number;
  forbidden: number;
  /** Numbers that no document ever had. */
  unknown: number;
}

export const noFindings = (): Findings => ({ stale: 0, tombstones: 0, forbidden: 0, unknown: 0 });

/** When a text was made and read; a log is read long after it was made. */
interface Seen {
  readonly askedAt: number;
  readonly from?: number;
  readonly to: number;
}

/** Every sentence of the folder carries a number that no other has. */
const TOKEN = /\b9\d{6}\b/g;

export class LivingTruth {
  readonly #editions = new Map<number, Edition>();
  readonly #readers = new Map<number, ReadersSpan[]>();
  #next = 9_000_000;

  /** The number of a new edition of a document. */
  begin(slot: number): number {
    this.#next += 1;
    const team = this.#readersOf(slot);
    this.#editions.set(this.#next, {
      slot,
      team,
      endedAt: Number.POSITIVE_INFINITY,
      ending: undefined,
    });
    return this.#next;
  }

  end(token: number, at: number, ending: 'replaced' | 'deleted'): void {
    const edition = this.#editions.get(token);
    if (edition === undefined) return;
    edition.endedAt = at;
    edition.ending = ending;
  }

  /**
   * Who may read the document from now on, told before the change is made: it may show before it is
   * acknowledged. Until the returned function is called, those before may read it too.
   */
  read(slot: number, team: string | undefined, asked: number): (acknowledged: number) => void {
    const spans = this.#readersOf(slot);
    const last = spans.at(-1);
    spans.push({ from: asked, to: Number.POSITIVE_INFINITY, team });
    return (acknowledged) => {
      if (last !== undefined) last.to = acknowledged;
    };
  }

  /**
   * Adds what a text showed that the team must not have seen: an edition that was replaced before it
   * was asked for, one that was deleted or closed to the team all the while it could be read.
   */
  judge(text: string, team: string, seen: Seen, findings: Findings): void {
    const { askedAt, from = askedAt, to } = seen;
    for (const token of new Set(text.match(TOKEN) ?? [])) {
      const edition = this.#editions.get(Number(token));
      if (edition === undefined) {
        findings.unknown += 1;
        continue;
      }
      if (edition.ending === 'replaced' && edition.endedAt < askedAt) findings.stale += 1;
      if (edition.ending === 'deleted' && edition.endedAt < from) findings.tombstones += 1;
      const isOpen = (span: ReadersSpan) => span.team === undefined || span.team === team;
      const spans = edition.team.filter((span) => span.from <= to && span.to >= from);
      if (!spans.some(isOpen)) findings.forbidden += 1;
    }
  }

  #readersOf(slot: number): ReadersSpan[] {
    const known = this.#readers.get(slot);
    if (known !== undefined) return known;
    const spans: ReadersSpan[] = [];
    this.#readers.set(slot, spans);
    return spans;
  }
}
