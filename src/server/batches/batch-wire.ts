import type {
  BatchLine,
  BatchProblem,
  BatchWire,
  LineOrder,
  LineResult,
} from '../../core/batch.ts';
import type { JsonValue } from '../../core/chat.ts';
import { type CadreError, errorBody, toCadreError } from '../../core/errors.ts';
import type { ServerContext } from '../exchange.ts';
import { publicError } from '../failure.ts';
import { BATCH_OUTPUT, fileRow } from '../files/file-object.ts';
import { PartWriter } from '../files/part-writer.ts';
import { newObjectId, newRequestId } from '../identifiers.ts';
import { parseJsonBody } from '../json-body.ts';
import type { JsonLimits } from '../json-scan.ts';
import { isObject } from '../wire-fields.ts';
import { answerRequest } from './batch-endpoints.ts';

const CUSTOM_ID_LENGTH = 512;
const RETRY_MS = 1000;
const NEWLINE = Buffer.from('\n');

/** The wire formats for the queue of batches: lines of JSON in, lines of JSON out. */
export function createBatchWire(context: ServerContext): BatchWire {
  const { farm } = context;
  return {
    readLine: (bytes, endpoint) => readLine(bytes, endpoint, farm.config.limits),
    doRunLine: (order, { signal }) => runLine(context, order, signal),
    printProblem: (customId, { code, message, line }) =>
      printLine(newRequestId(), customId, null, { code, message, line }),
    doWaitForQuiet: (ms, { signal }) => context.admission.untilQuiet(ms, signal),
    newFileId: () => newObjectId('file-'),
    async doSaveFile({ id, key, filename, expiresAt }, lines) {
      const { objects } = farm;
      // What a killed process began is written anew.
      await objects.doDropParts('file', id);
      const writer = new PartWriter(objects, id);
      for await (const line of lines) {
        await writer.write(line);
        await writer.write(NEWLINE);
      }
      await writer.flush();
      const { bytes } = writer;
      const createdAt = Date.now();
      const file = { id, key, createdAt, expiresAt, filename, purpose: BATCH_OUTPUT, bytes };
      await objects.doPutObject(fileRow(file));
    },
  };
}

/** `{custom_id, method, url, body}`; the url is the endpoint that the batch was made for. */
function readLine(bytes: Uint8Array, endpoint: string, limits: JsonLimits): BatchLine {
  let customId: string | null = null;
  const problem = (code: string, message: string) => ({ customId, problem: { code, message } });
  try {
    const line = parseJsonBody(Buffer.from(bytes), limits);
    const { custom_id: id, method, url, body } = line;
    if (typeof id !== 'string' || id === '' || id.length > CUSTOM_ID_LENGTH)
      return problem('invalid_custom_id', `custom_id must be 1 to ${CUSTOM_ID_LENGTH} characters.`);
    customId = id;
    if (method !== 'POST') return problem('invalid_method', 'method must be `POST`.');
    if (url !== endpoint)
      return problem('mismatched_url', `url must be \`${endpoint}\`, as the batch says.`);
    if (!isObject(body)) return problem('invalid_body', 'body must be an object.');
    return { customId, body };
  } catch (error) {
    return problem('invalid_json_line', toCadreError(error).message);
  }
}

async function runLine(
  { farm, log }: ServerContext,
  order: LineOrder,
  signal: AbortSignal,
): Promise<LineResult> {
  const { customId, endpoint } = order;
  const id = newRequestId();
  try {
    const answer = await answerRequest(endpoint, { ...order, farm, id }, signal);
    const response = { status_code: 200, request_id: id, body: answer as JsonValue };
    return { isError: false, bytes: printLine(id, customId, response, null) };
  } catch (thrown) {
    signal.throwIfAborted();
    const error = toCadreError(thrown);
    if (error.code === 'internal')
      log({
        level: 'error',
        event: 'request-failed',
        id,
        batch: order.batch,
        message: error.message,
      });
    const body = errorBody(publicError(error));
    const response = { status_code: error.status, request_id: id, body };
    const bytes = printLine(id, customId, response, null);
    return { isError: true, bytes, ...retryOf(error) };
  }
}

function retryOf(error: CadreError): { readonly retryMs?: number } {
  if (!error.retryable) return {};
  return { retryMs: error.retryAfter === undefined ? RETRY_MS : error.retryAfter * 1000 };
}

function printLine(
  requestId: string,
  customId: string | null,
  response: {
    readonly status_code: number;
    readonly request_id: string;
    readonly body: unknown;
  } | null,
  error: BatchProblem | null,
): Uint8Array {
  const line = { id: `batch_${requestId}`, custom_id: customId, response, error };
  return Buffer.from(JSON.stringify(line));
}
