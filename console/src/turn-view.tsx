import { useCallback } from 'react';
import type { EvidenceSentence } from '../../src/core/evidence.ts';
import { AnswerText } from './answer-text.tsx';
import { sentenceHref } from './cited-place.ts';
import { Contradictions } from './contradictions.tsx';
import { CopyButton } from './copy-button.tsx';
import { Declined } from './declined.tsx';
import {
  formatAge,
  formatDollars,
  formatMs,
  formatPlace,
  formatPlural,
  formatShare,
} from './format.ts';
import { InlineCode } from './inline-code.tsx';
import { PlaceLink } from './place-link.tsx';
import { useTotals } from './totals.ts';
import { activityOf, eventOf, spokeOf, type Turn } from './turn.ts';

interface Props {
  readonly turn: Turn;
  readonly selected: boolean;
  /** Shows the life of this turn, at one of its cited sentences when given. */
  readonly onShow: (turn: number, sentence?: number) => void;
  readonly onRetry: (turn: Turn) => void;
}

export function TurnView({ turn, selected, onShow, onRetry }: Props) {
  const abstained = eventOf(turn, 'answer-abstained');
  const { id } = turn;
  const onCite = useCallback((sentence: number) => onShow(id, sentence), [id, onShow]);
  return (
    <article
      className="mx-auto w-full max-w-3xl"
      data-testid="turn"
      data-state={turn.state}
      aria-busy={turn.state === 'running'}
    >
      <h2 className="sr-only">Question {turn.id}</h2>
      <p className="ml-auto w-fit max-w-[85%] rounded-2xl bg-teal-700 px-4 py-2 wrap-anywhere whitespace-pre-wrap text-white">
        {turn.question}
      </p>
      <div className="mt-4 wrap-anywhere" data-testid="answer">
        {turn.text !== '' && (
          <AnswerText
            text={turn.text}
            citations={turn.citations}
            growing={turn.state === 'running'}
            onCite={onCite}
          />
        )}
        {turn.state === 'running' && turn.text === '' && <Progress turn={turn} />}
        {abstained && <Declined abstention={abstained.abstention} />}
        {turn.problem && (
          <p
            role="alert"
            data-testid="problem"
            className="mt-2 rounded-lg bg-bad-soft px-3 py-2 text-sm text-bad first-letter:uppercase"
          >
            <InlineCode text={turn.problem.message} />
          </p>
        )}
        {turn.state === 'stopped' && (
          <p className="mt-2 text-sm text-muted-foreground" data-testid="stopped">
            You stopped this answer.
          </p>
        )}
      </div>
      <Cited turn={turn} />
      <Contradictions turn={turn} />
      <Actions turn={turn} selected={selected} onShow={onShow} onRetry={onRetry} />
    </article>
  );
}

function Actions({ turn, selected, onShow, onRetry }: Props) {
  const quiet = 'rounded-md px-1.5 py-0.5 text-xs text-muted-foreground hover:text-primary';
  const running = turn.state === 'running';
  return (
    <div className="mt-2 -ml-1.5 flex flex-wrap items-center gap-x-2">
      <button
        type="button"
        onClick={() => onShow(turn.id)}
        aria-pressed={selected}
        data-testid="summary"
        className={`${quiet} text-left md:aria-pressed:text-primary ${running ? 'md:hidden' : ''}`}
      >
        <Summary turn={turn} />
      </button>
      {turn.text !== '' && !running && <CopyButton text={turn.text} label="Copy answer" />}
      {(turn.state === 'failed' || turn.state === 'stopped') && (
        <button type="button" onClick={() => onRetry(turn)} className={quiet}>
          Ask again
        </button>
      )}
    </div>
  );
}

/** What happens before the first word. */
function Progress({ turn }: { readonly turn: Turn }) {
  const last = turn.events.at(-1)?.event;
  const loading = last?.type === 'model-loading' && last.progress < 1 ? last : undefined;
  return (
    <div className="text-sm text-muted-foreground" role="status">
      <p className="motion-safe:animate-pulse">
        {activityOf(turn)} {loading && formatShare(loading.progress)}
      </p>
      {loading && (
        <div className="mt-2 h-1 w-64 max-w-full rounded bg-muted">
          <div
            className="h-full rounded bg-primary"
            style={{ width: formatShare(loading.progress).replace(' ', '') }}
          />
        </div>
      )}
    </div>
  );
}

/** The sentences that the answer stands on; each opens its document with the sentence marked. */
function Cited({ turn }: { readonly turn: Turn }) {
  const sentences = new Map<number, EvidenceSentence>(
    turn.citations.map(({ sentence }) => [sentence.number, sentence]),
  );
  if (sentences.size === 0) return null;
  return (
    <ol
      className="mt-3 space-y-1 border-l-2 border-primary pl-3 text-sm"
      data-testid="citations"
      aria-label="Sources of this answer"
    >
      {[...sentences.values()].map((sentence) => (
        <li key={sentence.number}>
          <PlaceLink href={sentenceHref(sentence)} className="hover:underline">
            <span className="font-medium text-primary">
              {sentence.number} · {formatPlace(sentence)}
            </span>{' '}
            <span className="text-muted-foreground">
              “{sentence.text.trim()}”
              {sentence.modifiedAt !== undefined && ` (changed ${formatAge(sentence.modifiedAt)})`}
            </span>
          </PlaceLink>
        </li>
      ))}
    </ol>
  );
}

/** One line about the whole life; it opens the panel. */
function Summary({ turn }: { readonly turn: Turn }) {
  const totals = useTotals(turn);
  const spoke = spokeOf(turn);
  const { receipt } = turn;
  if (!receipt || !totals)
    return <span className="underline underline-offset-2">How this comes about</span>;
  const passed = receipt.checks.filter((check) => check.passed).length;
  const parts = [
    spoke ?? 'no spoke',
    ...(receipt.children.length > 0 ? [formatPlural(receipt.children.length, 'step')] : []),
    ...(receipt.checks.length > 0 ? [`${passed} of ${receipt.checks.length} checks passed`] : []),
    formatMs(receipt.totalMs),
    formatDollars(totals.cost),
  ];
  return (
    <>
      {parts.join(' · ')} · <span className="underline underline-offset-2">why?</span>
    </>
  );
}
