import type { JsonObject } from '../core/chat.ts';
import type { VendorStep } from '../core/gateway.ts';
import { sendJson, sendVendorError } from './vendor-words.ts';

/** Files and batches of the scripted vendor, kept in memory; batches stay in their first state. */
export class VendorObjects {
  readonly #files = new Map<string, { file: JsonObject; content: string }>();
  readonly #batches = new Map<string, JsonObject>();

  files(method: string, path: string, body: string): Iterable<VendorStep> {
    const [, , , id, part] = path.split(/[/?]/);
    if (method === 'POST') return sendJson(this.#keep(body));
    if (id === undefined || id === '')
      return sendJson(list([...this.#files.values()].map((one) => one.file)));
    const kept = this.#files.get(id);
    if (kept === undefined) return missing();
    if (method === 'DELETE') {
      this.#files.delete(id);
      return sendJson({ id, object: 'file', deleted: true });
    }
    return part === 'content' ? sendContent(kept.content) : sendJson(kept.file);
  }

  batches(method: string, path: string, body: JsonObject): Iterable<VendorStep> {
    const [, , , id] = path.split(/[/?]/);
    if (method === 'POST' && id === undefined) {
      const made = `batch_${this.#batches.size + 1}`;
      const batch = { id: made, object: 'batch', status: 'validating', created_at: 1, ...body };
      this.#batches.set(made, batch);
      return sendJson(batch);
    }
    if (id === undefined || id === '') return sendJson(list([...this.#batches.values()]));
    const batch = this.#batches.get(id);
    return batch === undefined ? missing() : sendJson(batch);
  }

  /** The part of a multipart body that has a file name. */
  #keep(body: string): JsonObject {
    const boundary = body.slice(0, body.indexOf('\r\n'));
    const part = body.split(boundary).find((one) => one.includes('filename=')) ?? '';
    const content = part.slice(part.indexOf('\r\n\r\n') + 4, part.lastIndexOf('\r\n'));
    const id = `file-${this.#files.size + 1}`;
    const file = {
      id,
      object: 'file',
      bytes: new TextEncoder().encode(content).length,
      created_at: 1,
      filename: 'rows.jsonl',
      purpose: 'batch',
      status: 'processed',
    };
    this.#files.set(id, { file, content });
    return file;
  }
}

function list(data: readonly JsonObject[]): JsonObject {
  return { object: 'list', data, has_more: false };
}

function* sendContent(content: string): Iterable<VendorStep> {
  yield { do: 'head', status: 200, headers: { 'content-type': 'application/octet-stream' } };
  yield { do: 'write', bytes: content };
  yield { do: 'end' };
}

function missing(): Iterable<VendorStep> {
  const error = { message: 'There is no such object.', type: 'invalid_request_error' };
  return sendVendorError(404, { ...error, code: 'not_found' });
}
