import { CadreError, ERROR_TABLE, type ErrorCode } from '../core/errors.ts';

/** What to do next on the command line, where the table's sentence speaks to a client of the API. */
const HINTS: Partial<Record<ErrorCode, string>> = {
  invalid_request: 'Correct the value; cadre COMMAND --help shows what each flag takes.',
  unauthorized: '`cadre keys add NAME` on the farm’s machine makes a key.',
  conflict: 'Do what the message names, or wait until another operation has ended.',
  not_found: 'Check the name or id; cadre COMMAND --help shows how to list what there is.',
  model_not_found: '`cadre models` lists the models, `cadre config` the spokes.',
  collection_not_found:
    '`cadre collections` lists them; `cadre index FOLDER --name NAME` makes one.',
  receipt_not_found:
    'The id is wrong, or the retention time is over; `cadre why` shows the newest.',
  rate_limit_exceeded: 'Wait a little and ask again.',
  overloaded: 'Ask again in a moment.',
  upstream_overloaded: 'The remote model limits the rate or is overloaded; ask again later.',
  internal: 'A defect in Cadre; what the farm printed says more.',
};

/** How the command line says what the API calls otherwise. */
const FLAGS: Readonly<Record<string, string>> = {
  'x-cadre-label': '--label',
  'cadre.label': '--label',
  'x-cadre-session': '--session',
  'x-cadre-collection': '--in',
  max_tokens: '--max-tokens',
  budgetDaily: '--budget',
  rateLimit: '--rate',
  tokenLimit: '--tokens-per-minute',
  principals: '--groups',
  limit: '--limit',
};

/** Fields of a body that messages tell callers to set. */
const PHRASES = [
  ['`replace: true`', '`--replace`'],
  ['`force: true`', '`--force`'],
] as const;

/** What the command line tells of a failure. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly param: string | null;
  /** Something on the command line is wrong, not the farm. */
  readonly isWrongUse: boolean;
}

/** An error after which something else is to be done than after others of its code. */
export class HintedError extends CadreError {
  readonly #hint: string;

  constructor(code: ErrorCode, message: string, hint: string, cause: unknown) {
    super(code, message, { cause });
    this.#hint = hint;
  }

  override get hint(): string {
    return this.#hint;
  }
}

/** An error of the farm in the words of the command line. */
export function failureOf(error: CadreError): Failure {
  const flag = error.param === undefined ? undefined : FLAGS[error.param];
  const isCollection =
    error.code === 'model_not_found' && error.message.includes('model “knowledge:');
  const code = isCollection ? 'collection_not_found' : error.code;
  let message = error.message;
  if (isCollection)
    message = message.replace('model “knowledge:', 'collection “').replaceAll('“knowledge:', '“');
  if (flag !== undefined && error.param !== undefined && message.startsWith(`${error.param} `))
    message = `${flag}${message.slice(error.param.length)}`;
  for (const [field, said] of PHRASES) message = message.replaceAll(field, said);
  return {
    code,
    message,
    hint: error instanceof HintedError ? error.hint : (HINTS[code] ?? ERROR_TABLE[code].hint),
    param: flag ?? error.param ?? null,
    isWrongUse: code === 'conflict' || (flag !== undefined && ERROR_TABLE[code].blame === 'caller'),
  };
}
