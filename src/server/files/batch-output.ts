import type { Caller } from '../../core/call.ts';
import type { JsonObject } from '../../core/chat.ts';
import type { Farm } from '../../core/farm.ts';
import type { WireResponse } from '../responses/response-wire.ts';
import { withheldResponse } from '../responses/withheld-response.ts';
import { isObject } from '../wire-fields.ts';
import { findStanding, withheldChoices } from '../withheld.ts';

const NEWLINE = 0x0a;

/**
 * The content of a batch's result file as the caller may see it now: of a line whose documents fell,
 * the answer says so in its words' place. One stretch of lines is in memory at a time.
 */
export async function* shownLines(
  farm: Pick<Farm, 'stands'>,
  caller: Caller,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  for await (const bytes of content) {
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    pieces.push(bytes.subarray(0, end));
    if (end > 0) {
      yield* shown(farm, caller, Buffer.concat(pieces));
      pieces = [];
    }
    if (end < bytes.length) pieces.push(bytes.subarray(end));
  }
  yield* shown(farm, caller, Buffer.concat(pieces));
}

async function* shown(
  farm: Pick<Farm, 'stands'>,
  caller: Caller,
  bytes: Buffer,
): AsyncGenerator<Uint8Array> {
  if (!bytes.includes('"standsOn":')) {
    if (bytes.length > 0) yield bytes;
    return;
  }
  const lines = bytes.toString('utf8').split('\n');
  const answers = lines.map(answerOf);
  const stands = await findStanding(
    farm,
    caller,
    answers.filter((one) => one !== undefined),
  );
  const told = lines.map((line, index) => {
    const answer = answers[index];
    return answer === undefined || stands(answer) ? line : withheldLine(line);
  });
  yield Buffer.from(told.join('\n'));
}

/** The body of a line's answer; undefined for a line without one. */
function answerOf(line: string): JsonObject | undefined {
  if (!line.includes('"standsOn":')) return undefined;
  const { response } = JSON.parse(line) as JsonObject;
  const body = isObject(response) ? response['body'] : undefined;
  return isObject(body) ? body : undefined;
}

function withheldLine(text: string): string {
  const line = JSON.parse(text) as { response: JsonObject & { body: JsonObject } };
  const { response } = line;
  const body =
    response.body['object'] === 'response'
      ? withheldResponse(response.body as WireResponse)
      : withheldChoices(response.body);
  return JSON.stringify({ ...line, response: { ...response, body } });
}
