import { CadreError } from '../../core/errors.ts';
import { textOf, xmlElements } from './xml-elements.ts';

export interface SitemapPage {
  readonly url: string;
  /** As the sitemap writes it; '' where it says nothing. */
  readonly modified: string;
}

const MOST_SITEMAPS = 200;

/**
 * The pages of a sitemap (sitemaps.org), of an index of sitemaps, or of a list with one address per
 * line; each page once, up to `most`. `read` gives the text at an address.
 */
export async function readSitemap(
  sitemap: string,
  most: number,
  read: (url: string) => Promise<string | undefined>,
): Promise<{ readonly pages: readonly SitemapPage[]; readonly isCut: boolean }> {
  const pages = new Map<string, SitemapPage>();
  const open = [sitemap];
  const seen = new Set(open);
  for (let url = open.shift(); url !== undefined; url = open.shift()) {
    const text = await read(url);
    if (text === undefined && url === sitemap)
      throw new CadreError('source_failed', `there is no sitemap at ${sitemap}`);
    for await (const found of addressesOf(text ?? '')) {
      if (found.isSitemap && seen.size < MOST_SITEMAPS && !seen.has(found.url)) {
        seen.add(found.url);
        open.push(found.url);
      } else if (!found.isSitemap) pages.set(found.url, found);
      if (pages.size > most) return { pages: [...pages.values()].slice(0, most), isCut: true };
    }
  }
  return { pages: [...pages.values()], isCut: false };
}

async function* addressesOf(
  text: string,
): AsyncGenerator<SitemapPage & { readonly isSitemap: boolean }> {
  if (!text.includes('<')) {
    for (const line of text.split('\n'))
      if (URL.canParse(line.trim())) yield { url: line.trim(), modified: '', isSitemap: false };
    return;
  }
  for await (const { name, fields } of xmlElements(text, ['url', 'sitemap'])) {
    const url = textOf(fields, 'loc');
    if (!URL.canParse(url)) continue;
    yield { url, modified: textOf(fields, 'lastmod'), isSitemap: name === 'sitemap' };
  }
}
