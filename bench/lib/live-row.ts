import type { JsonObject, JsonValue } from '../../src/core/chat.ts';
import type { Metric } from './slices.ts';

/** `fields`: share of right JSON fields; `text`, `data`: the whole result; `phrase`: holds the fact. */
export type LiveMetric = Metric | 'fields' | 'text' | 'data' | 'phrase';

/** One gradable request of the live mix. */
export interface LiveRow {
  readonly id: string;
  /** Kind of request that the report counts by. */
  readonly slice: string;
  /** The gate's task that it belongs to. */
  readonly task: string;
  readonly metric: LiveMetric;
  readonly system?: string;
  readonly prompt: string;
  /** Answer schema that the caller sends with the request. */
  readonly schema?: JsonObject;
  /** Right answer; several where each is right (`phrase`). */
  readonly gold: string | readonly string[] | JsonValue;
  readonly tests?: string;
  readonly maxTokens: number;
  readonly stop?: readonly string[];
  /** Rows of one group share the beginning of their prompt and are asked one after the other. */
  readonly group: string;
}

export const PEOPLE = [
  'Mara Lindqvist',
  'Tomas Okafor',
  'Ines Valera',
  'Jonas Petrik',
  'Aiko Brandt',
  'Pavel Moreno',
  'Lena Sorokin',
  'Dario Whitlock',
  'Freya Castellan',
  'Nadim Harrow',
  'Ruth Abelard',
  'Oskar Nyland',
  'Selma Iqbal',
  'Victor Dunmore',
  'Hanna Teller',
  'Bruno Achterberg',
  'Clara Mbeki',
  'Elias Rowntree',
  'Greta Fontaine',
  'Malik Sanderson',
  'Olga Pinter',
  'Rafael Stoker',
  'Tessa Wyndham',
  'Ulrich Danforth',
] as const;

export const CITIES = [
  'Lisbon',
  'Gdansk',
  'Leipzig',
  'Bergen',
  'Porto',
  'Ghent',
  'Turku',
  'Graz',
  'Malmo',
  'Tartu',
  'Bilbao',
  'Trieste',
  'Utrecht',
  'Cork',
  'Basel',
  'Aarhus',
] as const;

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;
