import { useEffect, useState } from 'react';

export type Page =
  | 'chat'
  | 'documents'
  | 'search'
  | 'evaluation'
  | 'fleet'
  | 'specialists'
  | 'gate'
  | 'device';

/** In the order of the navigation. */
export const PATHS: Readonly<Record<Page, string>> = {
  chat: '/',
  documents: '/documents',
  search: '/search',
  fleet: '/fleet',
  specialists: '/specialists',
  gate: '/gate',
  evaluation: '/evaluation',
  device: '/device',
};
export const PAGES = Object.keys(PATHS) as readonly Page[];

/** What the address names. */
export interface Place {
  readonly page: Page;
  /** Of the documents page. */
  readonly collection?: string;
  readonly document?: string;
  readonly query: URLSearchParams;
  /** What stands behind #; it is sent to nobody. */
  readonly fragment: string;
}

function placeNow(): Place {
  const [, first = '', ...rest] = location.pathname.split('/');
  const page = PAGES.find((one) => PATHS[one] === `/${first}`) ?? 'chat';
  const [collection, document] = rest.map(decode);
  return {
    page,
    ...(collection ? { collection } : {}),
    ...(document ? { document } : {}),
    query: new URLSearchParams(location.search),
    fragment: decode(location.hash.slice(1)),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Opens an address of the console without loading it anew. */
export function goTo(href: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'replace') history.replaceState(null, '', href);
  else if (href !== `${location.pathname}${location.search}${location.hash}`)
    history.pushState(null, '', href);
  dispatchEvent(new PopStateEvent('popstate'));
}

/** The place that the address names; a reload and the back button keep it. */
export function usePlace(): Place {
  const [place, setPlace] = useState(placeNow);
  useEffect(() => {
    const onPop = () => setPlace(placeNow());
    addEventListener('popstate', onPop);
    return () => removeEventListener('popstate', onPop);
  }, []);
  const { page } = place;
  useEffect(() => {
    const name = `${page.charAt(0).toUpperCase()}${page.slice(1)}`;
    document.title = page === 'chat' ? 'Cadre' : `${name} · Cadre`;
  }, [page]);
  return place;
}
