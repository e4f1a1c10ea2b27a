/**
 * Where a JSON value that begins at `start` ends (exclusive), `open` when the text breaks off inside
 * it, `broken` when it cannot become JSON. Checks brackets and strings, not numbers and words.
 */
export function jsonEnd(text: string, start: number): number | 'open' | 'broken' {
  const closers: string[] = [];
  let index = start;
  while (index < text.length) {
    const character = text[index] ?? '';
    if (character === '"') {
      const end = stringEnd(text, index);
      if (end < 0) return 'open';
      index = end;
      if (closers.length === 0) return index;
      continue;
    }
    if (character === '{') closers.push('}');
    else if (character === '[') closers.push(']');
    else if (character === '}' || character === ']') {
      if (closers.pop() !== character) return 'broken';
      if (closers.length === 0) return index + 1;
    } else if (closers.length === 0) return scalarEnd(text, start);
    index += 1;
  }
  return 'open';
}

/** Key and value text of each member of an object, or '' and value text of each item of a list. */
export function jsonMembers(json: string): readonly (readonly [string, string])[] | undefined {
  try {
    JSON.parse(json);
  } catch {
    return undefined;
  }
  const members: [string, string][] = [];
  const isObject = json.startsWith('{');
  let index = 1;
  for (;;) {
    index = skip(json, index, /[\s,]/);
    if (index >= json.length - 1) return members;
    let key = '';
    if (isObject) {
      const end = stringEnd(json, index);
      key = String(JSON.parse(json.slice(index, end)));
      index = skip(json, end, /[\s:]/);
    }
    const end = jsonEnd(json, index);
    if (typeof end !== 'number') return undefined;
    members.push([key, json.slice(index, end)]);
    index = end;
  }
}

/** Index after the closing quote of the string that opens at `start`; −1 when it is open. */
function stringEnd(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1;
    else if (text[index] === '"') return index + 1;
  }
  return -1;
}

function scalarEnd(text: string, start: number): number | 'open' {
  const end = text.slice(start).search(/[\s,\]}]/);
  return end < 0 ? 'open' : start + end;
}

function skip(text: string, from: number, what: RegExp): number {
  let index = from;
  while (index < text.length && what.test(text[index] ?? '')) index += 1;
  return index;
}
