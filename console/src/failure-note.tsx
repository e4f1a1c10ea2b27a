import { messageOf } from './api.ts';
import { InlineCode } from './inline-code.tsx';

/** What went wrong, where something did. */
export function FailureNote({ error }: { readonly error: unknown }) {
  if (error === undefined || error === null) return null;
  return (
    <p role="alert" className="rounded-lg bg-bad-soft px-4 py-2 text-sm text-bad">
      <InlineCode text={messageOf(error)} />
    </p>
  );
}
