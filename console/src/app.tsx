import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { ApiError, messageOf } from './api.ts';
import { useConversation } from './conversation.ts';
import { loadStatus } from './farm-api.ts';
import { FleetPage } from './fleet-page.tsx';
import { InlineCode } from './inline-code.tsx';
import { goTo, PAGES, PATHS, type Page, type Place, usePlace } from './page.ts';
import { PlaceLink } from './place-link.tsx';
import { SignInPage } from './sign-in-page.tsx';

const ChatPage = lazy(() =>
  import('./chat-page.tsx').then((module) => ({ default: module.ChatPage })),
);
const DocumentsPage = lazy(() =>
  import('./documents-page.tsx').then((module) => ({ default: module.DocumentsPage })),
);
const EvaluationPage = lazy(() =>
  import('./evaluation-page.tsx').then((module) => ({ default: module.EvaluationPage })),
);
const SearchPage = lazy(() =>
  import('./search-page.tsx').then((module) => ({ default: module.SearchPage })),
);
const SpecialistsPage = lazy(() =>
  import('./specialists-page.tsx').then((module) => ({ default: module.SpecialistsPage })),
);
const DevicePage = lazy(() =>
  import('./device-page.tsx').then((module) => ({ default: module.DevicePage })),
);
const GatePage = lazy(() =>
  import('./gate-page.tsx').then((module) => ({ default: module.GatePage })),
);

interface Props {
  /** Why the token of the address did not sign in; undefined when there was none or it did. */
  readonly signInProblem: string | undefined;
}

export function App({ signInProblem }: Props) {
  const place = usePlace();
  const { page } = place;
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
        <nav className="flex min-w-0 gap-1 overflow-x-auto" aria-label="Pages">
          {PAGES.map((one) => (
            <PageLink key={one} page={one} current={page} />
          ))}
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
            <ChatPage conversation={conversation} onShowFleet={() => goTo(PATHS.fleet)} />
          </Suspense>
        </div>
        {page === 'fleet' && <FleetPage />}
        <Suspense fallback={<p className="p-6 text-muted-foreground">Loading the page …</p>}>
          <OtherPage place={place} isOperator={status.data?.home !== undefined} />
        </Suspense>
      </main>
    </div>
  );
}

/** The pages whose code is loaded when they are first looked at. */
function OtherPage({ place, isOperator }: { readonly place: Place; readonly isOperator: boolean }) {
  switch (place.page) {
    case 'documents':
      return <DocumentsPage place={place} isOperator={isOperator} />;
    case 'search':
      return <SearchPage query={place.query} />;
    case 'evaluation':
      return <EvaluationPage />;
    case 'specialists':
      return <SpecialistsPage place={place} isOperator={isOperator} />;
    case 'gate':
      return <GatePage />;
    case 'device':
      return <DevicePage />;
    default:
      return null;
  }
}

function PageLink({ page, current }: { readonly page: Page; readonly current: Page }) {
  return (
    <PlaceLink
      href={PATHS[page]}
      aria-current={page === current ? 'page' : undefined}
      className="rounded-md px-2.5 py-1 text-sm text-muted-foreground capitalize hover:bg-muted aria-[current=page]:bg-muted aria-[current=page]:font-medium aria-[current=page]:text-foreground"
    >
      {page}
    </PlaceLink>
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
