import { useCallback, useEffect, useState } from 'react';

export type Page = 'chat' | 'fleet';

export const PATHS: Readonly<Record<Page, string>> = { chat: '/', fleet: '/fleet' };

function pageOf(path: string): Page {
  return path === PATHS.fleet ? 'fleet' : 'chat';
}

/** The page that the address names; a reload and the back button keep it. */
export function usePage(): readonly [Page, (page: Page) => void] {
  const [page, setPage] = useState(() => pageOf(location.pathname));
  useEffect(() => {
    const onPop = () => setPage(pageOf(location.pathname));
    addEventListener('popstate', onPop);
    return () => removeEventListener('popstate', onPop);
  }, []);
  useEffect(() => {
    document.title = page === 'fleet' ? 'Fleet · Cadre' : 'Cadre';
  }, [page]);
  const go = useCallback((next: Page) => {
    if (pageOf(location.pathname) !== next) history.pushState(null, '', PATHS[next]);
    setPage(next);
  }, []);
  return [page, go];
}
