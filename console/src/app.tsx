import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { ApiError, messageOf } from './api.ts';
import { useConversation } from './conversation.ts';
import { loadStatus } from './farm-api.ts';
import { FleetPage } from './fleet-page.tsx';
import { InlineCode } from './inline-code.tsx';
import { PATHS, type Page, usePage } from './page.ts';
import { SignInPage } from './sign-in-page.tsx';

const ChatPage = lazy(() =>
  import('./chat-page.tsx').then((module) => ({ default: module.ChatPage })),
);
const GatePage = lazy(() =>
  import('./gate-page.tsx').then((module) => ({ default: module.GatePage })),
);

interface Props {
  /** Why the token of the address did not sign in; undefined when there was none or it did. */
  readonly signInProblem: string | undefined;
}

export function App({ signInProblem }: Props) {
  const [page, go] = usePage();
  const conversation = useConversation();
  const status = useQuery({ queryKey: ['status'], queryFn: loadStatus, refetchInterval: 5000 });
  const { error } = status;
  if (error instanceof ApiError && (error.status === 401 || error.status === 403))
    return <SignInPage hasKeys={error.status === 401} reason={signInProblem ?? error.message} />;
  const isEmpty = conversation.turns.length === 0;
  return (
    <div className="flex h-dvh flex-col">
      <header className="flex items-center gap-2 h-13 shrink-0 border-b border-border px-4 sm:gap-6 sm:px-6">
        <div className="flex items-center gap-2 font-semibold">
          <img src="/favicon.svg" alt="" className="size-6" />
          <span className="sr-only min-[26rem]:not-sr-only">Cadre</span>
        </div>
        <nav className="flex gap-1" aria-label="Pages">
          <PageLink page="chat" current={page} onGo={go} />
          <PageLink page="fleet" current={page} onGo={go} />
          <PageLink page="gate" current={page} onGo={go} />
        </nav>
        <Connection problem={error} version={status.data?.version} />
        {page === 'chat' && (
          <button
            type="button"
            disabled={isEmpty}
            onClick={conversation.clear}
            className="shrink-0 rounded-md border border-input px-3 py-1 text-sm whitespace-nowrap enabled:hover:border-primary disabled:text-muted-foreground disabled:opacity-60"
          >
            New chat
          </button>
        )}
      </header>
      {error && (
        <p role="alert" className="bg-bad-soft px-4 py-2 text-sm text-bad sm:px-6">
          <InlineCode text={messageOf(error)} />
        </p>
      )}
      <main className="min-h-0 flex-1">
        {/* The chat stays mounted, so that a running answer survives a look at the fleet. */}
        <div className={page === 'chat' ? 'h-full' : 'hidden'}>
          <Suspense fallback={<p className="p-6 text-muted-foreground">Loading the chat …</p>}>
            <ChatPage conversation={conversation} onShowFleet={() => go('fleet')} />
          </Suspense>
        </div>
        {page === 'fleet' && <FleetPage />}
        {page === 'gate' && (
          <Suspense fallback={<p className="p-6 text-muted-foreground">Loading the gate …</p>}>
            <GatePage />
          </Suspense>
        )}
      </main>
    </div>
  );
}

function PageLink({
  page,
  current,
  onGo,
}: {
  readonly page: Page;
  readonly current: Page;
  readonly onGo: (page: Page) => void;
}) {
  return (
    <a
      href={PATHS[page]}
      aria-current={page === current ? 'page' : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        onGo(page);
      }}
      className="rounded-md px-2.5 py-1 text-sm text-muted-foreground capitalize hover:bg-muted aria-[current=page]:bg-muted aria-[current=page]:font-medium aria-[current=page]:text-foreground"
    >
      {page}
    </a>
  );
}

function Connection({
  problem,
  version,
}: {
  readonly problem: Error | null;
  readonly version: string | undefined;
}) {
  if (problem === null && version === undefined) return <span className="ml-auto" />;
  return (
    <span
      className="ml-auto flex items-center gap-1.5 text-xs text-muted-foreground"
      title={version && `Cadre ${version}`}
    >
      <span className={`size-2 rounded-full ${problem ? 'bg-bad' : 'bg-good'}`} />
      <span className="hidden sm:inline">{problem ? 'No answer' : 'Connected'}</span>
    </span>
  );
}
