import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { messageOf } from './api.ts';
import { DecisionParts } from './decision-parts.tsx';
import { decideFor } from './farm-api.ts';
import { InlineCode } from './inline-code.tsx';

const NAMES = ['auto', 'auto:cheap', 'auto:best'];

/** What the gate would do with a request; no model is asked. */
export function GateQuestion({ version }: { readonly version: number | undefined }) {
  const [text, setText] = useState('');
  const [model, setModel] = useState('auto');
  const ask = useMutation({
    mutationFn: async (wish: { model: string; text: string; version: number | undefined }) => ({
      wish,
      decision: await decideFor(wish.model, wish.text),
    }),
  });
  const canAsk = text.trim() !== '' && !ask.isPending;
  const submit = () => canAsk && ask.mutate({ model, text, version });
  const isOld = ask.data !== undefined && ask.data.wish.version !== version;
  return (
    <section className="rounded-lg border border-border bg-card p-4 text-sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <h2 className="text-base font-semibold">
          <label htmlFor="gate-question">What would you do with this request?</label>
        </h2>
        <p className="text-muted-foreground">The gate decides and explains; no model is asked.</p>
        <textarea
          id="gate-question"
          rows={3}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            submit();
          }}
          placeholder="Which city is the capital of Kenya?"
          className="mt-3 block w-full resize-y rounded-md border border-input bg-background px-3 py-2 text-base placeholder:text-muted-foreground sm:text-sm"
        />
        <div className="mt-2 flex flex-wrap items-center gap-2">
          <label className="flex items-center gap-2 text-muted-foreground">
            asked as
            <select
              value={model}
              onChange={(event) => setModel(event.target.value)}
              className="rounded-md border border-input bg-card px-2 py-1.5 text-foreground"
            >
              {NAMES.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          <button
            type="submit"
            disabled={!canAsk}
            className="ml-auto rounded-md bg-primary px-4 py-1.5 font-medium text-primary-foreground disabled:opacity-50"
          >
            {ask.isPending ? 'Deciding …' : 'Decide'}
          </button>
        </div>
      </form>
      <div aria-live="polite">
        {ask.error && (
          <p role="alert" className="mt-3 wrap-anywhere text-bad">
            <InlineCode text={messageOf(ask.error)} />
          </p>
        )}
        {ask.data && (
          <div
            className={`mt-4 border-t border-border pt-4 ${isOld || ask.isPending ? 'opacity-60' : ''}`}
            data-testid="decision"
          >
            {isOld && <p className="mb-2 text-caution">Decided before another gate took over.</p>}
            <p className="text-lg font-semibold text-primary" data-testid="chosen">
              {ask.data.decision.spoke}
            </p>
            <DecisionParts decision={ask.data.decision} />
          </div>
        )}
      </div>
    </section>
  );
}
