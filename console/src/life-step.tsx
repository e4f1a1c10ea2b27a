import type { ReactNode } from 'react';
import { formatMs } from './format.ts';

interface Props {
  readonly title: string;
  /** What this part of a request's life is, for someone who sees it for the first time. */
  readonly hint: string;
  /** Milliseconds since the question was sent. */
  readonly at?: number | undefined;
  readonly tone?: 'good' | 'caution' | 'bad';
  readonly active?: boolean;
  readonly children: ReactNode;
}

const DOTS = { good: 'bg-good', caution: 'bg-caution', bad: 'bg-bad' };

/** One part of a request's life on the line of time. */
export function LifeStep({ title, hint, at, tone = 'good', active = false, children }: Props) {
  return (
    <section className="relative border-l border-border pb-6 pl-5 last:border-transparent last:pb-0">
      <span
        className={`absolute top-1.5 -left-[0.3125rem] size-2.5 rounded-full ring-4 ring-card ${DOTS[tone]} ${active ? 'motion-safe:animate-pulse' : ''}`}
      />
      <div className="flex items-baseline justify-between gap-2">
        <h3 className="font-semibold">{title}</h3>
        {at !== undefined && (
          <span
            className="text-xs text-muted-foreground tabular-nums"
            title="after the question was sent"
          >
            {formatMs(at)}
          </span>
        )}
      </div>
      <p className="mt-0.5 mb-2 text-xs text-muted-foreground">{hint}</p>
      {children}
    </section>
  );
}
