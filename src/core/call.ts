import { keyPrincipal } from './access.ts';
import type { ChatRequest } from './chat.ts';
import type { DocumentFilter } from './document-filter.ts';
import type { DocumentEdition } from './evidence.ts';
import type { Label } from './label.ts';
import type { Priority } from './priority.ts';
import type { ReadingMode } from './reading.ts';
import type { Relay } from './relay.ts';

/** Who is calling, as policy knows him. */
export interface Caller {
  /** Id of the API key; `loopback` where the farm runs without keys. */
  readonly key: string;
  /** Users and groups whose documents may be read; `public` is always among them. */
  readonly principals: readonly string[];
  /** Keep the text of requests and answers. */
  readonly keepsText: boolean;
  /** US dollars per day; absent = no limit. */
  readonly budgetDaily?: number;
  /** Requests per minute; absent = no limit. */
  readonly rateLimit?: number;
  /** Tokens per minute, read and written; absent = no limit. */
  readonly tokenLimit?: number;
}

/** The group that administers the farm and may read everything in it. */
export const OPERATOR = 'operator';

/** Who calls without a key: the owner of the machine. */
export const LOOPBACK: Caller = {
  key: 'loopback',
  principals: ['public', OPERATOR],
  keepsText: false,
};

/** Who reads what is there. */
export type Reader = Pick<Caller, 'principals' | 'key'>;

/** Whose documents a caller may read: undefined = everyone's. */
export function readersOf(caller: Reader): readonly string[] | undefined {
  const { principals, key } = caller;
  return principals.includes(OPERATOR) ? undefined : [...principals, keyPrincipal(key)];
}

/** One request on its way through the pipeline. A child inherits all but request, id and depth. */
export interface Call {
  /** `req_` + 24 characters; also the receipt's id. */
  readonly id: string;
  readonly request: ChatRequest;
  readonly caller: Caller;
  /** Label that the caller declared in `x-cadre-label`; policy may raise it, never lower it. */
  readonly labelDeclared?: Label;
  /** Collection named by header or body; `knowledge:NAME` sets it too. */
  readonly collection?: string;
  /** Which documents of collections are looked into; absent = all that the caller may read. */
  readonly filter?: DocumentFilter;
  /** Groups requests that should stay on one spoke; from `x-cadre-session`. */
  readonly session?: string;
  /** `off`: shares no answer; `refresh`: is computed anew and kept. Absent = as configured. */
  readonly cache?: 'off' | 'refresh';
  /** What answers in the messages stand on: it is answered only while all of that is in force. */
  readonly standsOn?: readonly DocumentEdition[];
  /** The messages are the whole prompt: the spoke adds no words of its own. */
  readonly bare?: true;
  /** Citations are written into the text as Markdown footnotes, too. */
  readonly footnotes?: true;
  /** Whether documents are read on after the first search; absent = as configured. */
  readonly reading?: ReadingMode;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly depth: number;
  /** Absent = somebody waits for the answer; a child inherits it. */
  readonly priority?: Priority;
  /** The caller reads the answer only when it is whole: until then another spoke can still give it. */
  readonly whole?: boolean;
  /** The answer may pass as it comes where nothing is to be checked; a child never inherits it. */
  readonly relay?: Relay;
  readonly parent?: string;
  /** US dollars that this call and its children may still spend; absent = only the key's budget. */
  readonly budgetLeft?: number;
}

/** Depth of delegation that is allowed: a request, its steps, their steps, theirs. */
export const MAX_DEPTH = 3;
