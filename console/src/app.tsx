import { lazy, Suspense, useState } from 'react';
import { FleetPage } from './fleet-page.tsx';

const ChatPage = lazy(() =>
  import('./chat-page.tsx').then((module) => ({ default: module.ChatPage })),
);

const PAGES = ['Chat', 'Fleet'] as const;
type Page = (typeof PAGES)[number];

export function App() {
  const [page, setPage] = useState<Page>('Chat');
  return (
    <div className="flex h-dvh flex-col">
      <header className="flex items-center gap-6 border-b border-stone-200 px-5 py-3 dark:border-stone-800">
        <div className="flex items-center gap-2 font-semibold">
          <img src="/favicon.svg" alt="" className="size-6" />
          Cadre
        </div>
        <nav className="flex gap-1" aria-label="Pages">
          {PAGES.map((name) => (
            <button
              key={name}
              type="button"
              aria-current={page === name ? 'page' : undefined}
              onClick={() => setPage(name)}
              className="rounded-md px-3 py-1 text-sm text-stone-600 hover:bg-stone-200 aria-[current=page]:bg-teal-700 aria-[current=page]:text-white dark:text-stone-300 dark:hover:bg-stone-800"
            >
              {name}
            </button>
          ))}
        </nav>
      </header>
      <main className="min-h-0 flex-1">
        {/* Both stay mounted, so that a running answer survives a look at the fleet. */}
        <div className={page === 'Chat' ? 'h-full' : 'hidden'}>
          <Suspense fallback={<p className="p-6 text-stone-500">Loading the chat …</p>}>
            <ChatPage />
          </Suspense>
        </div>
        {page === 'Fleet' && <FleetPage />}
      </main>
    </div>
  );
}
