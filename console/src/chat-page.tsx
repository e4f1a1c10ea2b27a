import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Streamdown } from 'streamdown';
import { loadNames } from './api.ts';
import { formatDollars, formatMs, formatPlace } from './format.ts';
import { LifePanel } from './life-panel.tsx';
import { eventOf, newTurn, receiptOf, runTurn, type Turn } from './turn.ts';

const session = `console-${crypto.randomUUID()}`;
const EXAMPLES = [
  'Write a short friendly reply that declines a meeting',
  'Write a Python function that reverses a list',
  'What is 17 * 23?',
];

export function ChatPage() {
  const [turns, setTurns] = useState<readonly Turn[]>([]);
  const [selected, setSelected] = useState<number>();
  const [model, setModel] = useState('auto');
  const running = useRef<AbortController>(undefined);
  const end = useRef<HTMLDivElement>(null);
  const names = useQuery({ queryKey: ['names'], queryFn: loadNames, refetchInterval: 5000 });
  const last = turns.at(-1);
  const shown = turns.find((turn) => turn.id === selected) ?? last;
  const isRunning = last?.state === 'running';
  const tail = `${turns.length} ${last?.text.length ?? 0}`;
  useEffect(() => {
    if (tail !== '') end.current?.scrollIntoView({ block: 'end' });
  }, [tail]);

  async function ask(question: string): Promise<void> {
    const turn = newTurn(turns.length, question);
    const controller = new AbortController();
    running.current = controller;
    setTurns([...turns, turn]);
    setSelected(undefined);
    for await (const grown of runTurn(turn, turns, model, session, controller.signal))
      setTurns([...turns, grown]);
  }

  return (
    <div className="grid h-full grid-cols-1 md:grid-cols-[minmax(0,1fr)_24rem]">
      <section className="flex min-h-0 flex-col" aria-label="Conversation">
        <div className="min-h-0 flex-1 space-y-6 overflow-y-auto px-5 py-6">
          {turns.length === 0 && <Welcome onPick={(text) => void ask(text)} />}
          {turns.map((turn) => (
            <TurnView
              key={turn.id}
              turn={turn}
              selected={turn.id === shown?.id}
              onSelect={() => setSelected(turn.id)}
            />
          ))}
          <div ref={end} />
        </div>
        <Composer
          model={model}
          names={(names.data ?? [])
            .filter((name) => name.kind !== 'embedder')
            .map((name) => ({ id: name.id, ready: name.ready }))}
          problem={names.error?.message}
          running={isRunning}
          onModel={setModel}
          onAsk={(text) => void ask(text)}
          onStop={() => running.current?.abort()}
        />
      </section>
      <aside
        className="hidden min-h-0 overflow-y-auto border-l border-stone-200 bg-white px-5 py-6 md:block dark:border-stone-800 dark:bg-stone-900"
        aria-label="Life of the request"
      >
        {shown ? (
          <LifePanel turn={shown} />
        ) : (
          <p className="text-sm text-stone-500">
            The life of each request appears here: route, sources, checks, cost.
          </p>
        )}
      </aside>
    </div>
  );
}

function Welcome({ onPick }: { readonly onPick: (text: string) => void }) {
  return (
    <div className="mx-auto mt-16 max-w-xl text-center">
      <h1 className="text-2xl font-semibold">Ask the farm</h1>
      <p className="mt-2 text-stone-500">
        The gate picks the cheapest spoke that is good enough. Make a folder answerable with{' '}
        <code className="rounded bg-stone-200 px-1 dark:bg-stone-800">
          cadre index FOLDER --name NAME
        </code>
        .
      </p>
      <div className="mt-6 flex flex-wrap justify-center gap-2">
        {EXAMPLES.map((text) => (
          <button
            key={text}
            type="button"
            onClick={() => onPick(text)}
            className="rounded-full border border-stone-300 px-4 py-1.5 text-sm hover:border-teal-600 dark:border-stone-700"
          >
            {text}
          </button>
        ))}
      </div>
    </div>
  );
}

function TurnView({
  turn,
  selected,
  onSelect,
}: {
  readonly turn: Turn;
  readonly selected: boolean;
  readonly onSelect: () => void;
}) {
  const abstained = eventOf(turn, 'answer-abstained');
  const loading = eventOf(turn, 'model-loading');
  const cited = [
    ...new Map(
      turn.citations.map((citation) => [citation.sentence.number, citation.sentence]),
    ).values(),
  ];
  return (
    <article className="mx-auto max-w-3xl" data-testid="turn">
      <p className="ml-auto w-fit max-w-[80%] rounded-2xl bg-teal-700 px-4 py-2 whitespace-pre-wrap text-white">
        {turn.question}
      </p>
      <div className="mt-3" data-testid="answer">
        <Streamdown>{turn.text}</Streamdown>
        {turn.state === 'running' && turn.text === '' && (
          <p className="animate-pulse text-sm text-stone-500">
            {loading && loading.progress < 1
              ? `Loading ${loading.model}: ${Math.round(loading.progress * 100)} %`
              : 'Thinking …'}
          </p>
        )}
        {abstained && (
          <div
            className="mt-2 rounded-lg border border-amber-300 bg-amber-50 p-3 text-sm dark:border-amber-800 dark:bg-amber-950"
            data-testid="declined"
          >
            <p className="font-medium">Declined: {abstained.abstention.reason}</p>
            {abstained.abstention.nearest.map((passage) => (
              <p key={passage.chunkId} className="mt-1 text-stone-600 dark:text-stone-400">
                {passage.sentences[0] && formatPlace(passage.sentences[0])}: “
                {passage.sentences
                  .map((sentence) => sentence.text)
                  .join(' ')
                  .slice(0, 200)}
                ”
              </p>
            ))}
          </div>
        )}
        {turn.problem && (
          <p className="mt-2 rounded-lg border border-red-300 bg-red-50 p-3 text-sm text-red-800 dark:border-red-900 dark:bg-red-950 dark:text-red-200">
            {turn.problem}
          </p>
        )}
        {turn.state === 'stopped' && <p className="mt-2 text-sm text-stone-500">Stopped.</p>}
      </div>
      {cited.length > 0 && (
        <ol
          className="mt-3 space-y-1 border-l-2 border-teal-600 pl-3 text-sm"
          data-testid="citations"
        >
          {cited.map((sentence) => (
            <li key={sentence.number}>
              <span className="font-medium text-teal-700 dark:text-teal-400">
                [{sentence.number}] {formatPlace(sentence)}
              </span>{' '}
              “{sentence.text.trim()}”
            </li>
          ))}
        </ol>
      )}
      <button
        type="button"
        onClick={onSelect}
        aria-pressed={selected}
        className="mt-2 text-xs text-stone-500 hover:text-teal-700 aria-pressed:text-teal-700 dark:aria-pressed:text-teal-400"
      >
        <Summary turn={turn} />
      </button>
    </article>
  );
}

function Summary({ turn }: { readonly turn: Turn }) {
  const receipt = receiptOf(turn);
  const route = eventOf(turn, 'route-decided');
  if (!receipt) return <>{route ? `${route.decision.spoke} …` : ''}</>;
  const spoke = receipt.attempts.at(-1)?.spoke ?? receipt.route?.spoke ?? '';
  const passed = receipt.checks.filter((check) => check.passed).length;
  return (
    <>
      {spoke} · {passed}/{receipt.checks.length} checks · {formatMs(receipt.totalMs)} ·{' '}
      {receipt.usage.promptTokens}+{receipt.usage.completionTokens} tokens ·{' '}
      {formatDollars(receipt.cost.total)} (would be {formatDollars(receipt.cost.reference)})
    </>
  );
}

interface ComposerProps {
  readonly model: string;
  readonly names: readonly { readonly id: string; readonly ready: boolean }[];
  readonly problem: string | undefined;
  readonly running: boolean;
  readonly onModel: (model: string) => void;
  readonly onAsk: (text: string) => void;
  readonly onStop: () => void;
}

function Composer({ model, names, problem, running, onModel, onAsk, onStop }: ComposerProps) {
  const [text, setText] = useState('');
  const send = () => {
    if (text.trim() === '' || running) return;
    onAsk(text.trim());
    setText('');
  };
  return (
    <form
      className="border-t border-stone-200 px-5 py-4 dark:border-stone-800"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {problem && (
        <p className="mx-auto mb-2 max-w-3xl text-sm text-red-700 dark:text-red-400">{problem}</p>
      )}
      <div className="mx-auto flex max-w-3xl items-end gap-2">
        <select
          aria-label="Model"
          value={model}
          onChange={(event) => onModel(event.target.value)}
          className="rounded-lg border border-stone-300 bg-transparent px-2 py-2 text-sm dark:border-stone-700 dark:bg-stone-900"
        >
          {(names.length === 0 ? [{ id: 'auto', ready: true }] : names).map((name) => (
            <option key={name.id} value={name.id}>
              {name.ready ? name.id : `${name.id} (not ready)`}
            </option>
          ))}
        </select>
        <textarea
          aria-label="Question"
          value={text}
          rows={Math.min(6, text.split('\n').length)}
          placeholder="Ask something"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.shiftKey) {
              event.preventDefault();
              send();
            }
          }}
          className="min-h-10 flex-1 resize-none rounded-lg border border-stone-300 bg-transparent px-3 py-2 outline-teal-600 dark:border-stone-700"
        />
        {running ? (
          <button
            type="button"
            onClick={onStop}
            className="rounded-lg bg-stone-700 px-4 py-2 text-white"
          >
            Stop
          </button>
        ) : (
          <button
            type="submit"
            disabled={text.trim() === ''}
            className="rounded-lg bg-teal-700 px-4 py-2 text-white disabled:opacity-40"
          >
            Ask
          </button>
        )}
      </div>
    </form>
  );
}
