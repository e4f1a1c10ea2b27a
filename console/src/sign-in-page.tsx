interface Props {
  /** What the farm said. */
  readonly reason: string;
}

/** Shown instead of everything while the farm does not know who is looking. */
export function SignInPage({ reason }: Props) {
  return (
    <main className="flex h-dvh items-center justify-center p-6" data-testid="sign-in">
      <div className="max-w-md rounded-2xl border border-border bg-card p-6">
        <img src="/favicon.svg" alt="" className="size-8" />
        <h1 className="mt-4 text-lg font-semibold">Not signed in</h1>
        <p className="mt-2 text-sm text-muted-foreground">
          This farm has keys, so it asks who you are. Open the console by the address that{' '}
          <code className="rounded bg-muted px-1 text-xs">cadre up</code> printed: it signs one
          browser in, once. Starting the farm again prints a fresh one.
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
