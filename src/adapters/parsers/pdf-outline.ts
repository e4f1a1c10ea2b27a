import type { getDocumentProxy } from 'unpdf';

type PdfDocument = Awaited<ReturnType<typeof getDocumentProxy>>;
type Entries = NonNullable<Awaited<ReturnType<PdfDocument['getOutline']>>>;

const MOST_ENTRIES = 5000;
const DEEPEST = 8;

export interface Outline {
  /** 0 without an outline. */
  readonly depth: number;
  /** 1-based level of a line on a page that the outline names; undefined = it does not. */
  levelOf(page: number, text: string): number | undefined;
}

/** The document's own outline: its entries are headings wherever the page says the same words. */
export async function readOutline(document: PdfDocument): Promise<Outline> {
  const levels = new Map<string, number>();
  let depth = 0;
  const walk = async (entries: Entries, level: number): Promise<void> => {
    for (const entry of entries) {
      if (levels.size >= MOST_ENTRIES || level > DEEPEST) return;
      const page = await pageOf(document, entry.dest);
      if (page !== undefined && entry.title.trim() !== '') {
        const key = `${page} ${keyOf(entry.title)}`;
        if (!levels.has(key)) levels.set(key, level);
        depth = Math.max(depth, level);
      }
      await walk(entry.items as Entries, level + 1);
    }
  };
  const entries = await document.getOutline().catch(() => null);
  if (entries !== null) await walk(entries, 1).catch(() => undefined);
  return { depth, levelOf: (page, text) => levels.get(`${page} ${keyOf(text)}`) };
}

async function pageOf(
  document: PdfDocument,
  target: Entries[number]['dest'],
): Promise<number | undefined> {
  try {
    const place = typeof target === 'string' ? await document.getDestination(target) : target;
    const first: unknown = place?.[0];
    if (typeof first === 'number') return first + 1;
    if (typeof first !== 'object' || first === null) return undefined;
    return (await document.getPageIndex(first as Parameters<PdfDocument['getPageIndex']>[0])) + 1;
  } catch {
    return undefined;
  }
}

/** The words without numbering, marks and case. */
function keyOf(title: string): string {
  return title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}
