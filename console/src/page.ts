import { useCallback, useEffect, useState } from 'react';

export type Page = 'chat' | 'fleet' | 'gate';

export const PATHS: Readonly<Record<Page, string>> = {
  chat: '/',
  fleet: '/fleet',
  gate: '/gate',
};

const TITLES: Readonly<Record<Page, string>> = {
  chat: 'Cadre',
  fleet: 'Fleet · Cadre',
  gate: 'Gate · Cadre',
};

function pageOf(path: string): Page {
  return path === PATHS.fleet ? 'fleet' : path === PATHS.gate ? 'gate' : 'chat';
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
    document.title = TITLES[page];
  }, [page]);
  const go = useCallback((next: Page) => {
    if (pageOf(location.pathname) !== next) history.pushState(null, '', PATHS[next]);
    setPage(next);
  }, []);
  return [page, go];
}
