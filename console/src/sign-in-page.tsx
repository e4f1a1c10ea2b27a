import { InlineCode } from './inline-code.tsx';

const SIGN_IN =
  'This farm has keys, so it asks who you are. Open the console by the address that `cadre up` printed: it signs one browser in, once. `npx cadre console` prints a fresh one.';
const NO_KEYS =
  'This farm has no keys, so it serves only its own machine, by its own address. Open the address that `cadre up` printed there, or make a key with `cadre keys add`.';

interface Props {
  /** False when the farm has no keys and therefore refuses everything beyond its own machine. */
  readonly hasKeys: boolean;
  /** What the farm said. */
  readonly reason: string;
}

/** Shown instead of everything while the farm does not know who is looking. */
export function SignInPage({ hasKeys, reason }: Props) {
  return (
    <main className="flex h-dvh items-center justify-center p-6" data-testid="sign-in">
      <div className="max-w-md rounded-2xl border border-border bg-card p-6">
        <img src="/favicon.svg" alt="" className="size-8" />
        <h1 className="mt-4 text-lg font-semibold">
          {hasKeys ? 'Not signed in' : 'Not served here'}
        </h1>
        <p className="mt-2 text-sm text-muted-foreground">
          <InlineCode text={hasKeys ? SIGN_IN : NO_KEYS} />
        </p>
        <p className="mt-4 rounded-lg bg-muted px-3 py-2 text-xs text-muted-foreground">
          The farm said: {reason}
        </p>
        <button
          type="button"
          onClick={() => location.reload()}
          className="mt-4 rounded-lg bg-primary px-4 py-2 text-sm font-medium text-primary-foreground"
        >
          Try again
        </button>
      </div>
    </main>
  );
}
