import type { Block, ParsedDocument } from '../core/ports.ts';
import type { ChunkRow, ChunkSentence } from '../core/stores.ts';
import { type Unit, unitsOf } from './chunk-units.ts';
import { injectionFlags } from './injection.ts';

/**
 * Most tokens of sentences per chunk; sections are cut evenly, so chunks have 224 … 448: with headings
 * and neighbours they fill the embedder's window of 512. With 256 instead, abstracts were cut in two:
 * nDCG@10 of both legs .781 instead of .811 on MED and .491 instead of .495 on Cranfield, code alike
 * (bench/knowledge-hybrid).
 */
export const CHUNK_TOKENS = 448;
/** Characters of the neighbours that are indexed with a chunk. */
const NEIGHBOUR_CHARACTERS = 120;
/** Characters of path and headings that are indexed with a chunk. */
const CONTEXT_CHARACTERS = 200;

export interface ChunkOrigin {
  readonly documentId: string;
  readonly version: number;
  readonly path: string;
  /** Where the path does not say it: the subject of a mail, the title of a row. */
  readonly title?: string;
  /** SHA-256 or like; hex. */
  readonly hash: (text: string) => string;
}

export interface ChunkedDocument {
  readonly chunks: readonly ChunkRow[];
  /** Of all sentences, without repetition. */
  readonly flags: readonly string[];
}

/** Consecutive units under one heading path on one page. */
interface Section {
  readonly headings: readonly string[];
  readonly page: number | undefined;
  readonly units: Unit[];
}

/**
 * Cuts a document into chunks of whole sentences that never cross a heading or a page. Every
 * sentence's offsets point into `document.text`; ids depend only on the document's id and the
 * content, so an unchanged chunk keeps its id when the document changes around it.
 */
export function toChunks(document: ParsedDocument, origin: ChunkOrigin): ChunkedDocument {
  const groups = sectionsOf(document.blocks).flatMap((section) =>
    groupUnits(section.units).map((units) => ({ section, units })),
  );
  const seen = new Map<string, number>();
  const flags = new Set<string>(document.flags);
  const chunks = groups.map(({ section, units }, index): ChunkRow => {
    const text = joinUnits(units);
    const previous = neighbour(groups[index - 1], section);
    const next = neighbour(groups[index + 1], section);
    const indexText = [
      contextOf(origin, section.headings),
      previous && tail(sayUnits(previous)),
      sayUnits(units),
      next && head(sayUnits(next)),
    ]
      .filter((part) => part)
      .join('\n');
    const content = `${section.headings.join(' › ')}\n${text}`;
    const repetition = seen.get(content) ?? 0;
    seen.set(content, repetition + 1);
    for (const unit of units) for (const flag of injectionFlags(unit.text)) flags.add(flag);
    return {
      id: origin.hash(`${origin.documentId}\n${repetition}\n${content}`).slice(0, 32),
      documentId: origin.documentId,
      documentVersion: origin.version,
      path: origin.path,
      headings: section.headings,
      ...(section.page === undefined ? {} : { page: section.page }),
      indexText,
      sentences: units.map(toSentence),
    };
  });
  return { chunks, flags: [...flags].sort() };
}

/** A heading is indexed with what stands under it; one with nothing under it stands for itself. */
function sectionsOf(blocks: readonly Block[]): Section[] {
  const sections: Section[] = [];
  for (const [index, block] of blocks.entries()) {
    if (block.kind === 'heading' && hasContent(block, blocks[index + 1])) continue;
    const last = sections[sections.length - 1];
    const same =
      last !== undefined && last.page === block.page && isSamePath(last.headings, block.headings);
    if (same) last.units.push(...unitsOf(block));
    else sections.push({ headings: block.headings, page: block.page, units: unitsOf(block) });
  }
  return sections.filter((section) => section.units.length > 0);
}

function hasContent(heading: Block, next: Block | undefined): boolean {
  return (
    next !== undefined &&
    next.headings.slice(0, heading.headings.length).at(-1) === heading.headings.at(-1)
  );
}

function isSamePath(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((part, index) => part === right[index]);
}

/** Fills chunks evenly, so that the last one of a section is not a scrap. */
function groupUnits(units: readonly Unit[]): Unit[][] {
  const total = units.reduce((sum, unit) => sum + unit.tokens, 0);
  const target = total / Math.ceil(total / CHUNK_TOKENS);
  const groups: Unit[][] = [];
  let filled = 0;
  for (const unit of units) {
    const group = groups[groups.length - 1];
    const isFull = filled >= target || filled + unit.tokens > CHUNK_TOKENS;
    if (group === undefined || isFull) {
      groups.push([unit]);
      filled = unit.tokens;
    } else {
      group.push(unit);
      filled += unit.tokens;
    }
  }
  return groups;
}

function neighbour(
  group: { readonly section: Section; readonly units: readonly Unit[] } | undefined,
  section: Section,
): readonly Unit[] | undefined {
  return group?.section === section ? group.units : undefined;
}

function joinUnits(units: readonly Unit[]): string {
  return units.map((unit) => unit.text).join('\n');
}

/** What is indexed: rows of tables are said with their headers. */
function sayUnits(units: readonly Unit[]): string {
  return units.map((unit) => unit.withHeaders ?? unit.text).join('\n');
}

/** `guides/token-limits.md` → guides token-limits, then the headings. */
function contextOf({ path, title }: ChunkOrigin, headings: readonly string[]): string {
  const name = path.replace(/\.[^./]+$/, '').replaceAll('/', ' ');
  const titles = title === undefined || title === headings[0] ? [] : [title];
  return [name, ...titles, ...headings].join(' › ').slice(-CONTEXT_CHARACTERS);
}

function tail(text: string): string {
  const cut = text.slice(-NEIGHBOUR_CHARACTERS);
  return cut.length < text.length ? cut.slice(cut.indexOf(' ') + 1) : cut;
}

function head(text: string): string {
  const cut = text.slice(0, NEIGHBOUR_CHARACTERS);
  return cut.length < text.length ? cut.slice(0, Math.max(cut.lastIndexOf(' '), 1)) : cut;
}

function toSentence(unit: Unit): ChunkSentence {
  const { text, start, end, line, withHeaders } = unit;
  return {
    text,
    start,
    end,
    ...(line === undefined ? {} : { line }),
    ...(withHeaders === undefined ? {} : { withHeaders }),
  };
}
