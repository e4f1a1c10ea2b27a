import type { ReactNode } from 'react';

interface Props {
  readonly title: string;
  /** What the page is for, in a sentence or two. */
  readonly about?: string;
  /** The way back to the page above. */
  readonly back?: ReactNode;
  readonly isNarrow?: boolean;
  readonly children: ReactNode;
}

/** A page that scrolls, with its heading. */
export function PageFrame({ title, about, back, isNarrow = false, children }: Props) {
  return (
    <div className="h-full overflow-y-auto px-4 py-6 sm:px-6">
      <div className={`mx-auto space-y-6 ${isNarrow ? 'max-w-3xl' : 'max-w-5xl'}`}>
        <div>
          {back}
          <h1 className={`text-xl font-semibold wrap-anywhere ${back ? 'mt-2' : ''}`}>{title}</h1>
          {about && (
            <p className="mt-1 max-w-2xl text-sm text-pretty text-muted-foreground">{about}</p>
          )}
        </div>
        {children}
      </div>
    </div>
  );
}
