import { describe, expect, it } from 'vitest';
import { LOOPBACK } from '../../src/core/call.ts';
import type { JsonObject } from '../../src/core/chat.ts';
import { createCall } from '../../src/server/cadre-fields.ts';

const callOf = (cadre: JsonObject, headers: Record<string, string> = {}) =>
  createCall({
    id: 'req_1',
    request: { model: 'auto', messages: [], sampling: {} },
    body: { cadre },
    headers,
    caller: LOOPBACK,
    deadline: 1,
  });

describe('the wish for footnotes', () => {
  it.each([
    [{}, {}, undefined],
    [{ footnotes: true }, {}, true],
    [{}, { 'x-cadre-footnotes': '1' }, true],
    [{}, { 'x-cadre-footnotes': '0' }, undefined],
    [{ footnotes: false }, { 'x-cadre-footnotes': '1' }, undefined],
  ])('of %j and %j is %s', (cadre, headers, wanted) => {
    expect(callOf(cadre, headers).footnotes).toBe(wanted);
  });

  it('is refused where it is no wish', () => {
    expect(() => callOf({ footnotes: 'yes' })).toThrow(/cadre\.footnotes/);
    expect(() => callOf({}, { 'x-cadre-footnotes': 'yes' })).toThrow(/x-cadre-footnotes/);
    expect(() => callOf({ footnote: true })).toThrow(/`footnotes`/);
  });
});
