import type { Answer } from './running-server.ts';
import { send } from './running-server.ts';

const BOUNDARY = 'cadre-test-boundary';

export interface Part {
  readonly name: string;
  readonly filename?: string;
  readonly content: string | Buffer;
}

/** A multipart body with a boundary of its own. */
export function formOf(parts: readonly Part[]): { readonly body: Buffer; readonly type: string } {
  const pieces = parts.flatMap(({ name, filename, content }) => [
    Buffer.from(
      `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"` +
        `${filename === undefined ? '' : `; filename="${filename}"`}\r\n\r\n`,
    ),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
  const body = Buffer.concat([...pieces, Buffer.from(`--${BOUNDARY}--\r\n`)]);
  return { body, type: `multipart/form-data; boundary=${BOUNDARY}` };
}

/** Sends a form to POST /v1/files. */
export function upload(
  port: number,
  parts: readonly Part[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const { body, type } = formOf(parts);
  return send(port, { path: '/v1/files', body, headers: { 'content-type': type, ...headers } });
}

/** The parts of an ordinary upload. */
export function fileParts(content: string | Buffer, purpose = 'user_data'): readonly Part[] {
  return [
    { name: 'purpose', content: purpose },
    { name: 'file', filename: 'notes.txt', content },
  ];
}

/** Uploads a file that must be taken; returns its id. */
export async function uploaded(
  port: number,
  content: string | Buffer,
  purpose = 'user_data',
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const answer = await upload(port, fileParts(content, purpose), headers);
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
  return JSON.parse(answer.text).id;
}
