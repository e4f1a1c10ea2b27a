import { readXml } from './xml-reader.ts';

/** How a number of a sheet is shown: as it is, as a share of a hundred, or as a day with or without time. */
export type NumberKind =
  | { readonly kind: 'plain' | 'date' | 'time' | 'date-time' }
  | { readonly kind: 'percent'; readonly decimals: number };

const PLAIN: NumberKind = { kind: 'plain' };
const DAY_MS = 86_400_000;
/** Days before 1970 of the day 0 of both calendars (ECMA-376 part 1, 18.17.4.1). */
const EPOCHS = { 1900: 25_569, 1904: 24_107 };
const LARGEST_DATE = 2_958_466;

/** Kinds by the index of a cell's style. */
export function readNumberKinds(source: string): NumberKind[] {
  const formats = new Map<string, string>();
  const kinds: NumberKind[] = [];
  let isCells = false;
  readXml(source, {
    open: (tag) => {
      if (tag.name === 'numFmt')
        formats.set(tag.attribute('numFmtId') ?? '', tag.attribute('formatCode') ?? '');
      else if (tag.name === 'cellXfs') isCells = true;
      else if (tag.name === 'xf' && isCells) {
        const id = tag.attribute('numFmtId') ?? '0';
        kinds.push(formats.has(id) ? kindOf(formats.get(id) ?? '') : builtIn(Number(id)));
      }
    },
    close: (name) => {
      if (name === 'cellXfs') isCells = false;
    },
  });
  return kinds;
}

/** Formats that need no definition (18.8.30). */
function builtIn(id: number): NumberKind {
  if (id === 9 || id === 10) return { kind: 'percent', decimals: id === 9 ? 0 : 2 };
  if (id >= 14 && id <= 17) return { kind: 'date' };
  if ((id >= 18 && id <= 21) || (id >= 45 && id <= 47)) return { kind: 'time' };
  return id === 22 ? { kind: 'date-time' } : PLAIN;
}

function kindOf(code: string): NumberKind {
  const bare = code
    .slice(0, 200)
    .replace(/"[^"]*"|\\.|\[[^\]]*\]|_./g, '')
    .toLowerCase();
  if (bare.includes('%'))
    return { kind: 'percent', decimals: /\.([0#]+)/.exec(bare)?.[1]?.length ?? 0 };
  const hasDay = /[yd]/.test(bare);
  const hasTime = /[hs]/.test(bare);
  if (hasDay) return { kind: hasTime ? 'date-time' : 'date' };
  return hasTime ? { kind: 'time' } : PLAIN;
}

/** The number as people read it; days as 2026-11-27. */
export function showNumber(raw: string, kind: NumberKind, calendar: 1900 | 1904): string {
  const value = Number(raw);
  if (raw.trim() === '' || !Number.isFinite(value)) return raw;
  if (kind.kind === 'percent') return `${(value * 100).toFixed(Math.min(kind.decimals, 10))}%`;
  if (kind.kind === 'plain' || value < 0 || value > LARGEST_DATE)
    return String(Number(value.toPrecision(15)));
  const at = new Date(Math.round((value - EPOCHS[calendar]) * DAY_MS));
  const [day = '', time = ''] = at.toISOString().slice(0, 19).split('T');
  if (kind.kind === 'date') return day;
  return kind.kind === 'time' ? time.replace(/:00$/, '') : `${day} ${time.replace(/:00$/, '')}`;
}
