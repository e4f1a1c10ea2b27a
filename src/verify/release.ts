import { SentenceSplitter } from '../base/sentences.ts';
import { indexTerms } from '../base/tokens.ts';
import type { CheckResult } from '../core/decision.ts';
import { type Citation, type EvidenceSentence, readableText } from '../core/evidence.ts';
import { AnswerGate, declinedBySpoke, type FirstSentence } from './answer-gate.ts';
import { checkAnswerKind } from './answer-kind.ts';
import { checkEcho, checkRelevance } from './answerable.ts';
import { AnsweredParts, waysTo } from './answered-parts.ts';
import { failed } from './checks.ts';
import { isDeclined, readMarks } from './citation-marks.ts';
import { concerning, differenceNote } from './differing-sources.ts';
import {
  type FoundFragment,
  FRAGMENT_TERMS,
  findFragment,
  holdFragment,
  isSaidAs,
} from './fragment.ts';
import { PlainSentences } from './plain-sentences.ts';
import { type CheckedReleaseOptions, type ReleasePiece, rejection } from './release-piece.ts';
import { Rewriter, tellRewritten } from './rewriting.ts';
import { SupportJudge } from './support.ts';
import { SentenceSupport } from './undecided.ts';

/** A sentence with at most this many terms (`Yes.`) is judged together with the one after it. */
const CARRIED_TERMS = 1;
/** Repeats of a longer shown sentence are dropped. */
const REPEAT_LENGTH = 20;

/**
 * Holds an answer back until each sentence has passed its checks. Citation marks are taken out and
 * the supporting sentences are found anew, so a wrong mark does no harm. What was released is never
 * taken back: pieces are only appended.
 */
export class CheckedRelease {
  readonly #options: CheckedReleaseOptions;
  readonly #splitter = new SentenceSplitter();
  readonly #sentences: readonly EvidenceSentence[];
  readonly #known: ReadonlySet<number>;
  readonly #judge: SupportJudge | undefined;
  readonly #support: SentenceSupport | undefined;
  readonly #rewriter: Rewriter;
  readonly #plain = new PlainSentences();
  readonly #gate: AnswerGate | undefined;
  /** Per sentence: with its headings, its path and what led to its passage. */
  readonly #contexts: readonly string[];
  readonly #parts: AnsweredParts;
  readonly #shown = new Set<string>();
  /** Numbers of the sentences that shown ones stand on. */
  readonly #cited = new Set<number>();
  #carried = '';
  #marked: number[] = [];
  #length = 0;
  #rejected = false;
  #heldMs = 0;
  #since: number | undefined;

  constructor(options: CheckedReleaseOptions) {
    this.#options = options;
    this.#parts = new AnsweredParts(options.parts ?? []);
    this.#sentences = options.passages.flatMap((passage) => passage.sentences);
    this.#known = new Set(this.#sentences.map((sentence) => sentence.number));
    const ways = waysTo(options.passages);
    this.#contexts = this.#sentences.map((one) =>
      [readableText(one), ...one.headings, one.path, ways.get(one.number) ?? ''].join(' '),
    );
    const texts = this.#sentences.map(readableText);
    const { embed, scorer, promise } = options;
    const headings = this.#sentences.flatMap((sentence) => sentence.headings);
    if (texts.length > 0) this.#judge = new SupportJudge(texts, embed, scorer, promise, headings);
    this.#support = this.#judge && new SentenceSupport(this.#judge, texts, options);
    this.#rewriter = new Rewriter(options.rewrite);
    const { question, answerability } = options;
    if (this.#judge === undefined || question === undefined || answerability === undefined) return;
    const documents = this.#sentences.map((sentence) => sentence.path);
    const contexts = this.#contexts;
    this.#gate = new AnswerGate({ question, contexts, documents, ...answerability });
  }

  /** Milliseconds that text was held before it was decided on, over all sentences. */
  get heldMs(): number {
    return this.#heldMs;
  }

  /** Takes more of the answer; yields what is decided by now. */
  async *push(delta: string): AsyncGenerator<ReleasePiece> {
    if (delta === '') return;
    this.#since ??= this.#options.elapsed();
    for (const piece of this.#splitter.push(delta)) yield* this.#timed(piece, false);
  }

  /** The answer is complete: decides on what is left. */
  async *flush(): AsyncGenerator<ReleasePiece> {
    const rest = this.#splitter.flush();
    for (const [index, piece] of rest.entries())
      yield* this.#timed(piece, index === rest.length - 1);
    if (this.#carried !== '') yield* this.#timed('', true);
    if (this.#judge && this.#length === 0 && !this.#rejected) yield await this.#quoteOrReject();
    yield* this.#tellDifferences();
    const unsaid = this.#length > 0 ? this.#parts.note() : '';
    if (unsaid !== '') yield { checks: [], release: { text: unsaid, citations: [] } };
    this.#since = undefined;
  }

  *#tellDifferences(): Generator<ReleasePiece> {
    const contradictions = concerning(this.#options.contradictions ?? [], this.#cited);
    if (contradictions.length === 0 || this.#length === 0) return;
    yield { checks: [], release: differenceNote(contradictions, this.#length), contradictions };
  }

  async *#timed(piece: string, isFinal: boolean): AsyncGenerator<ReleasePiece> {
    const decided = this.#judge
      ? await this.#decideGrounded(this.#judge, piece, isFinal)
      : this.#plain.decide(piece, {
          isFirst: this.#length === 0 && !this.#rejected,
          mayReject: this.#length === 0 && this.#options.isLast !== true,
        });
    const now = this.#options.elapsed();
    this.#heldMs += now - (this.#since ?? now);
    this.#since = now;
    if (decided === undefined) return;
    if ('release' in decided) this.#length += decided.release.text.length;
    else this.#rejected = true;
    yield decided;
  }

  async #decideGrounded(
    judge: SupportJudge,
    piece: string,
    isFinal: boolean,
  ): Promise<ReleasePiece | undefined> {
    const marked = readMarks(`${this.#carried}${piece}`, this.#known);
    this.#carried = '';
    const sentence = marked.text.trim();
    if (!/[\p{L}\p{N}]/u.test(sentence)) {
      this.#marked.push(...marked.numbers);
      return undefined;
    }
    if (isDeclined(sentence))
      return rejection(this.#gate?.declined(sentence) ?? declinedBySpoke(sentence, 0.1));
    if (!isFinal && indexTerms(sentence).length <= CARRIED_TERMS) {
      this.#carried = `${marked.text.trimEnd()} `;
      return undefined;
    }
    if (this.#isRepeat(sentence))
      return rejection({ ...failed('repetition', 0.2, 'said before'), sentence });
    const cited = this.#indicesOf([...this.#marked.splice(0), ...marked.numbers]);
    const decided = await this.#check(judge, marked.text, sentence, cited);
    this.#rewriter.note('release' in decided);
    return (await this.#rewritten(judge, marked.text, decided)) ?? decided;
  }

  /** The sentence as its nearest evidence says it, where it was only not found and that passes. */
  async #rewritten(
    judge: SupportJudge,
    text: string,
    piece: ReleasePiece,
  ): Promise<ReleasePiece | undefined> {
    if (!('reject' in piece) || piece.nearest === undefined) return undefined;
    const sentence = text.trim();
    const evidence = piece.nearest.flatMap((index) => this.#sentences[index] ?? []);
    const told = await this.#rewriter.rewrite(sentence, evidence.map(readableText));
    if (told === undefined || this.#shown.has(told)) return undefined;
    const replaced = text.replace(sentence, () => told);
    return tellRewritten(piece, told, await this.#check(judge, replaced, told, []));
  }

  async #check(
    judge: SupportJudge,
    text: string,
    sentence: string,
    cited: readonly number[],
  ): Promise<ReleasePiece> {
    const { question } = this.#options;
    const echo =
      question === undefined || this.#length > 0 ? undefined : checkEcho(question, sentence);
    if (echo) return rejection({ ...echo, sentence });
    const isFragment = this.#isFragment(sentence);
    const fragment = isFragment
      ? findFragment(sentence, question ?? '', this.#sentences.map(readableText), this.#contexts)
      : undefined;
    if (fragment) return this.#releaseFragment(judge, fragment, text, sentence);
    if (isFragment && indexTerms(sentence).length < FRAGMENT_TERMS) {
      const detail = 'too short to be checked, and no sentence says it where the question asks';
      return rejection({ ...failed('support', 0.1, detail), sentence });
    }
    const { threshold } = this.#options;
    const result = await (this.#support ?? judge).judge(sentence, threshold);
    const checks: CheckResult[] = [result.check];
    if (question !== undefined && this.#length === 0) {
      const first = { text: sentence, support: result.score, carriers: result.carriers };
      const aside = [
        await this.#answers(judge, question, first),
        checkAnswerKind(this.#parts.nearest([sentence]) ?? question, sentence),
      ].filter((check) => check !== undefined);
      checks.push(...aside.map((check) => ({ ...check, sentence })));
    }
    const broken = checks.find((check) => !check.passed);
    if (broken === result.check && result.verdict === 'not-found')
      return { ...rejection(broken), nearest: result.ranked };
    if (broken) return rejection(broken);
    const preferred = judge.areAsGood(sentence, result.best, cited);
    const carriers = preferred.length > 0 ? preferred : result.carriers;
    this.#shown.add(sentence);
    return {
      checks,
      release: { text, citations: this.#cite(carriers, text, result.score) },
    };
  }

  /** Whether the first sentence answers the question; undefined when nothing speaks against it. */
  async #answers(
    judge: SupportJudge,
    question: string,
    first: FirstSentence,
  ): Promise<CheckResult | undefined> {
    const carriers = first.carriers.map((index) => this.#contexts[index] ?? '');
    const part = this.#parts.nearest([first.text, ...carriers]);
    if (this.#gate !== undefined) return this.#gate.check(first, part);
    const nearness = await judge.nearness(part ?? question, first.carriers);
    return checkRelevance(part ?? question, first.text, carriers, nearness);
  }

  /** `20 days` is no sentence: what counts is whether a sentence says it where the question asks. */
  #isFragment(sentence: string): boolean {
    const isFirst = this.#options.question !== undefined && this.#length === 0;
    if (!isFirst || indexTerms(sentence).length > FRAGMENT_TERMS) return false;
    return !this.#sentences.some((one) => isSaidAs(sentence, readableText(one)));
  }

  async #releaseFragment(
    judge: SupportJudge,
    fragment: FoundFragment,
    text: string,
    sentence: string,
  ): Promise<ReleasePiece> {
    const held = await holdFragment(judge, sentence, fragment, this.#options);
    if (!held.passed) return rejection({ ...held, sentence });
    const first = { text: sentence, support: held.score, carriers: [fragment.index] };
    const answerable = this.#gate?.check(first);
    if (answerable && !answerable.passed) return rejection(answerable);
    const kind = checkAnswerKind(this.#options.question ?? '', sentence);
    if (kind) return rejection({ ...kind, sentence });
    return {
      checks: [{ ...held, sentence }, ...(answerable ? [answerable] : [])],
      release: { text, citations: this.#cite([fragment.index], text, held.score) },
    };
  }

  #cite(carriers: readonly number[], text: string, support: number): readonly Citation[] {
    const answerStart = this.#length + (text.length - text.trimStart().length);
    const answerEnd = answerStart + text.trim().length;
    this.#parts.show([text, ...carriers.map((index) => this.#contexts[index] ?? '')]);
    return carriers.flatMap((index) => {
      const sentence = this.#sentences[index];
      if (sentence) this.#cited.add(sentence.number);
      return sentence ? [{ sentence, answerStart, answerEnd, support }] : [];
    });
  }

  /** A spoke that wrote nothing but numbers named its sentences: they are the answer. */
  async #quoteOrReject(): Promise<ReleasePiece> {
    const indices = this.#indicesOf(this.#marked).slice(0, 3);
    const quotes = indices.flatMap((index) => this.#sentences[index]?.text.trim() ?? []);
    const text = quotes.join(' ');
    const { question } = this.#options;
    const first = { text, support: 1, carriers: indices };
    const relevance =
      question === undefined || this.#judge === undefined
        ? undefined
        : (checkEcho(question, text) ?? (await this.#answers(this.#judge, question, first)));
    if (text === '') return rejection(failed('truncation', 0, 'the answer is empty'));
    if (relevance && !relevance.passed) return rejection(relevance);
    const support = await this.#judge?.leastOf(quotes, this.#options.threshold);
    if (!support?.passed) return rejection(support ?? failed('support', 0, 'no evidence'));
    let start = 0;
    const citations = indices.flatMap((index) => {
      const sentence = this.#sentences[index];
      if (!sentence) return [];
      const answerStart = start;
      start += sentence.text.trim().length + 1;
      return [{ sentence, answerStart, answerEnd: start - 1, support: support.score }];
    });
    this.#length += text.length;
    this.#parts.show([text]);
    return { checks: [support, ...(relevance ? [relevance] : [])], release: { text, citations } };
  }

  #indicesOf(numbers: readonly number[]): readonly number[] {
    return [...new Set(numbers)]
      .map((number) => this.#sentences.findIndex((sentence) => sentence.number === number))
      .filter((index) => index >= 0);
  }

  #isRepeat(sentence: string): boolean {
    return sentence.length >= REPEAT_LENGTH && this.#shown.has(sentence);
  }
}
