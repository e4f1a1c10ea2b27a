import { readJson } from './json-path.ts';

export interface StreamEvent {
  /** The `event:` line of server-sent events; empty where there is none. */
  readonly name: string;
  readonly data: string;
  /** The data as JSON; undefined where it is none. */
  readonly json: unknown;
}

/** All complete server-sent events of a text; comments and an unfinished last event are left out. */
export function readEvents(text: string): StreamEvent[] {
  const blocks = text.replace(/\r\n?/g, '\n').split('\n\n');
  const events: StreamEvent[] = [];
  // What follows the last blank line never arrived whole.
  for (const block of blocks.slice(0, -1)) {
    const lines = block.split('\n');
    const data = fieldsOf(lines, 'data').join('\n');
    const name = fieldsOf(lines, 'event').at(-1) ?? '';
    if (data !== '' || name !== '') events.push({ name, data, json: readJson(data) });
  }
  return events;
}

function fieldsOf(lines: readonly string[], field: string): string[] {
  return lines
    .filter((line) => line.startsWith(`${field}:`))
    .map((line) => line.slice(field.length + 1).replace(/^ /, ''));
}

/** All complete lines of newline-delimited JSON. */
export function readLines(text: string): StreamEvent[] {
  return text
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.trim() !== '')
    .map((data) => ({ name: '', data, json: readJson(data) }));
}
