import { basename } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { readRowsFile } from '../adapters/sources/rows-file.ts';
import { counted } from '../base/counted.ts';
import type { Call, Caller } from '../core/call.ts';
import type { ChatRequest } from '../core/chat.ts';
import type { DescribedEvent, Descriptions, DescriptionWish } from '../core/description.ts';
import { CadreError, toCadreError } from '../core/errors.ts';
import type { Clock, Random } from '../core/ports.ts';
import {
  LINES_ASKED,
  labelAnswered,
  labellingMessages,
  labelSchema,
  writingMessages,
} from '../learn/described-prompts.ts';
import { candidatesOf, DescribedRows } from '../learn/described-rows.ts';
import { readLabelledRows } from '../learn/labelled-rows.ts';
import type { SpokeRuntime } from '../stages/parts.ts';
import { canDescribe, requireTextSpoke } from './describing.ts';
import type { Generations } from './generations.ts';

interface DescriptionParts {
  readonly generations: Pick<Generations, 'current' | 'aside'>;
  /** Bytes of a model's file. */
  readonly bytesOf: (model: string) => number;
  readonly clock: Clock;
  readonly random: Random;
}

/** All of it, and one answer. */
const WRITE_MS = 6 * 3_600_000;
const ANSWER_MS = 300_000;
const WRITTEN_TOKENS = 400;
/** Of `{"topic":"…"}`. */
const LABEL_TOKENS = 48;
/** Chosen so that lines of one answer differ; greedy answers repeat each other. */
const TEMPERATURE = 0.9;
/** Answers for a label, as a multiple of what would do if every line were kept. */
const TURNS_FACTOR = 5;
/** A label of which so many answers in a row gave nothing is given up. */
const DRY_MOST = 6;
const FAILED_MOST = 3;
/** Below this share of the wanted rows, or four, a label is not learnt. */
const LEAST_SHARE = 0.25;
const LEAST = 4;
const TEST_MOST = 20_000;
const TEST_TURN = 200;

/** Has a local spoke write rows by a description, one set at a time. */
export class DescriptionRoom implements Descriptions {
  readonly #parts: DescriptionParts;
  #isBusy = false;

  constructor(parts: DescriptionParts) {
    this.#parts = parts;
  }

  async *write(
    wish: DescriptionWish,
    caller: Caller,
    signal: AbortSignal,
  ): AsyncGenerator<DescribedEvent, void, void> {
    const spoke = this.#spokeOf(wish.spoke);
    if (this.#isBusy)
      throw new CadreError('overloaded', 'rows are being written by another description already', {
        retryAfter: 60,
      });
    this.#isBusy = true;
    try {
      const bound = AbortSignal.any([signal, AbortSignal.timeout(WRITE_MS)]);
      yield* new Writing(this.#parts, wish, { caller, spoke, signal: bound }).run();
    } finally {
      this.#isBusy = false;
    }
  }

  /** The named one; else one that is for everything, of these the largest. */
  #spokeOf(wanted: string | undefined): SpokeRuntime {
    const { generations, bytesOf } = this.#parts;
    const spokes = generations.current.spokes();
    if (wanted !== undefined)
      requireTextSpoke(wanted, spokes, { code: 'invalid_request', param: 'spoke' });
    const local = spokes.filter((one) => canDescribe(one) && one.gate.destination === 'local');
    const named = wanted === undefined ? local : local.filter((one) => one.gate.id === wanted);
    if (named.length === 0)
      throw new CadreError('invalid_request', `${wanted ?? 'no spoke'} is a local model here`, {
        param: 'spoke',
      });
    const sizeOf = ({ gate }: SpokeRuntime) => bytesOf(gate.modelId);
    const [best] = named
      .filter(({ gate }) => gate.installed && gate.fits)
      .toSorted((a, b) => a.gate.tasks.length - b.gate.tasks.length || sizeOf(b) - sizeOf(a));
    if (best !== undefined) return best;
    const models = [...new Set(named.map(({ gate }) => gate.modelId))].join(', ');
    throw new CadreError(
      'model_unavailable',
      `no local spoke that answers in free text is ready; \`cadre pull\` one of ${models}`,
      { param: 'spoke' },
    );
  }
}

interface Options {
  readonly caller: Caller;
  readonly spoke: SpokeRuntime;
  readonly signal: AbortSignal;
}

/** One set of rows on its way. */
class Writing {
  readonly #parts: DescriptionParts;
  readonly #wish: DescriptionWish;
  readonly #options: Options;
  readonly #rows: DescribedRows;
  readonly #tests: readonly string[];
  readonly #wanted: number;
  #failed = 0;

  constructor(parts: DescriptionParts, wish: DescriptionWish, options: Options) {
    this.#parts = parts;
    this.#wish = wish;
    this.#options = options;
    this.#tests = wish.test === undefined ? [] : testTexts(wish.test);
    this.#wanted = wish.perLabel * wish.labels.length;
    const most = this.#wanted + wish.known.length + 2 * LINES_ASKED * wish.labels.length;
    this.#rows = new DescribedRows(wish.labels, most, this.#tests.length);
  }

  async *run(): AsyncGenerator<DescribedEvent, void, void> {
    const { labels, perLabel, known } = this.#wish;
    const { gate } = this.#options.spoke;
    for (const [at, text] of this.#tests.entries()) {
      this.#rows.addTest(text);
      if (at % TEST_TURN === 0) await nextTurn();
    }
    const own = known.filter((row) => labels.includes(row.label));
    for (const row of own) this.#rows.keep(row);
    yield { stage: 'spoke', spoke: gate.id, model: gate.modelId, ...this.#standing() };
    const turnsMost = Math.ceil(perLabel / LINES_ASKED) * TURNS_FACTOR;
    const open = new Map(labels.map((label) => [label, { turn: 0, dry: 0 }]));
    while (open.size > 0) {
      for (const [label, state] of open) {
        const isOver = state.turn >= turnsMost || state.dry >= DRY_MOST;
        if (isOver || this.#rows.textsOf(label).length >= perLabel) open.delete(label);
        else {
          const before = this.#rows.count;
          yield* this.#turn(label, state.turn);
          state.turn += 1;
          state.dry = this.#rows.count > before ? 0 : state.dry + 1;
        }
      }
    }
    yield this.#end(own.filter((row) => this.#rows.isTested(row.text)).length);
  }

  /** One answer for a label, each of whose lines is asked about anew. */
  async *#turn(label: string, turn: number): AsyncGenerator<DescribedEvent, void, void> {
    const { text, labels, seed, perLabel } = this.#wish;
    const known = this.#rows.textsOf(label);
    const answer = await this.#ask({
      messages: writingMessages({ text, labels }, label, { turn, known, seed }),
      maxTokens: WRITTEN_TOKENS,
      sampling: { temperature: TEMPERATURE, seed: seed + turn },
    });
    let rejected = 0;
    for (const candidate of candidatesOf(answer).slice(0, 2 * LINES_ASKED)) {
      if (this.#rows.textsOf(label).length >= perLabel) break;
      const row = { text: candidate, label };
      const problem = this.#rows.problemOf(candidate) ?? (await this.#disagreement(row));
      if (problem === undefined) {
        this.#rows.keep(row);
        yield { stage: 'row', row, ...this.#standing() };
      } else {
        this.#rows.reject(row, problem);
        rejected += 1;
      }
    }
    yield { stage: 'asked', label, rejected, ...this.#standing() };
  }

  async #disagreement({ text, label }: { readonly text: string; readonly label: string }) {
    const { text: description, labels } = this.#wish;
    const answer = await this.#ask({
      messages: labellingMessages({ text: description, labels }, text),
      responseFormat: { type: 'json-schema', name: 'topic', schema: labelSchema(labels) },
      maxTokens: LABEL_TOKENS,
      sampling: { temperature: 0 },
    });
    return labelAnswered(labels, answer) === label ? undefined : ('label' as const);
  }

  /** An answer through the pipeline, behind everybody who waits for one; empty where it failed. */
  async #ask(asked: Omit<ChatRequest, 'model'>): Promise<string> {
    const { generations, clock, random } = this.#parts;
    const { caller, spoke, signal } = this.#options;
    const call: Call = {
      id: `req_${random.id(24)}`,
      request: { model: spoke.gate.id, ...asked },
      caller: { ...caller, keepsText: false },
      // No spoke outside may stand in.
      labelDeclared: 'secret',
      deadline: clock.now() + ANSWER_MS,
      depth: 1,
      bare: true,
      cache: 'off',
      whole: true,
      priority: 'background',
    };
    let text = '';
    try {
      for await (const event of generations.aside(call, signal)) {
        if (event.type === 'text-delta') text += event.text;
        if (event.type === 'request-failed') throw new CadreError(event.code, event.message);
      }
      signal.throwIfAborted();
      this.#failed = 0;
      return text;
    } catch (thrown) {
      signal.throwIfAborted();
      this.#failed += 1;
      if (this.#failed >= FAILED_MOST) throw toCadreError(thrown);
      return '';
    }
  }

  #standing() {
    return { kept: this.#rows.count, wanted: this.#wanted };
  }

  #end(testedCount: number): DescribedEvent {
    const { labels, perLabel } = this.#wish;
    const { gate } = this.#options.spoke;
    const { rejected } = this.#rows;
    const counts = Object.fromEntries(
      labels.map((label) => [label, this.#rows.textsOf(label).length]),
    );
    const least = Math.max(LEAST, Math.ceil(LEAST_SHARE * perLabel));
    const few = labels.filter((label) => (counts[label] ?? 0) < least);
    if (few.length > 0) {
      const told = few.map((label) => `“${label}” ${counts[label]}`).join(', ');
      const why = rejected.map(
        ({ reason, count, samples }) => `${count} ${reason}, such as ${samples[0]}`,
      );
      throw new CadreError(
        'invalid_request',
        `too few of the texts that ${gate.id} wrote can be kept (${told}; at least ${least} of each are needed). Left out: ${why.join('; ') || 'it wrote nothing'}. Describe it in more words, name labels that say what they mean, or let a larger local spoke write`,
        { param: 'description' },
      );
    }
    const short = labels.filter((label) => (counts[label] ?? 0) < perLabel);
    return {
      stage: 'written',
      model: `${gate.id} (${gate.modelId})`,
      counts,
      rejected,
      warnings: [
        ...(short.length === 0
          ? []
          : [`fewer than ${perLabel} rows were kept of ${short.join(', ')}`]),
        ...(testedCount === 0
          ? []
          : [`${counted(testedCount, 'row')} that were there already are like rows of the test`]),
      ],
    };
  }
}

function testTexts(path: string): string[] {
  const name = basename(path);
  const { rows } = readLabelledRows(name, readRowsFile(path, name).text);
  return rows.slice(0, TEST_MOST).map((row) => row.text);
}
