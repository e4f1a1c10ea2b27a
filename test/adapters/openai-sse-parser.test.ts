import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ServerSentEvent, SseParser } from '../../src/adapters/models/sse-parser.ts';

function parse(pieces: readonly Uint8Array[]): ServerSentEvent[] {
  const parser = new SseParser();
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
}

/** With a narrow bound: what was read, and whether it was too much. */
function parseBounded(pieces: readonly Uint8Array[]): [ServerSentEvent[], boolean] {
  const parser = new SseParser(12);
  const events = [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
  return [events, parser.failure !== undefined];
}

const parseText = (text: string) => parse([Buffer.from(text)]);
const data = (text: string) => parseText(text).map((event) => event.data);

describe('server-sent events', () => {
  it('reads data, names, comments and lines that mean nothing', () => {
    expect(
      parseText(
        ': hello\n\nevent: ping\ndata: {}\nid: 1\nretry: 5\ndatabase: no\n\ndata:  two\n\n',
      ),
    ).toEqual([
      { event: 'ping', data: '{}' },
      { event: '', data: ' two' },
    ]);
  });

  it('takes every kind of line end, mixed', () => {
    expect(data('data: a\r\ndata: b\rdata: c\n\r\ndata: d\r\rdata: e\n\n')).toEqual([
      'a\nb\nc',
      'd',
      'e',
    ]);
  });

  it('joins lines of one event and keeps empty ones', () => {
    expect(data('data: a\ndata:\ndata\ndata: b\n\n')).toEqual(['a\n\n\nb']);
  });

  it('drops a byte order mark, and gives an event that was not closed', () => {
    expect(data('\uFEFFdata: a\n\ndata: [DONE]')).toEqual(['a', '[DONE]']);
  });

  it('refuses a line and an event without end', () => {
    const parser = new SseParser();
    const megabyte = new Uint8Array(1024 * 1024).fill(0x61);
    for (let sent = 0; sent < 11; sent += 1) parser.push(megabyte);
    expect(parser.failure).toMatchObject({ fault: 'malformed' });
    expect(parser.push(Buffer.from('\ndata: a\n\n'))).toEqual([]);
    const line = Buffer.from(`data: ${'a'.repeat(1024 * 1024)}\n`);
    const many = new SseParser();
    for (let sent = 0; sent < 11; sent += 1) many.push(line);
    expect(many.failure?.message).toMatch(/an event longer/);
  });

  it('gives the same events for every cut of the bytes', () => {
    const piece = fc.constantFrom(
      ...[
        'data',
        'data: ',
        'event: x',
        ':',
        ' ',
        '\n',
        '\r',
        '\r\n',
        '\n\n',
        'é',
        '𝄞',
        '\uFEFF',
        '{}',
      ],
    );
    const bytes = fc
      .array(fc.oneof(piece, fc.string({ unit: 'grapheme', maxLength: 4 })), { maxLength: 40 })
      .map((pieces) => Buffer.from(pieces.join('')));
    const broken = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(
        fc.oneof(
          bytes,
          fc.tuple(bytes, broken, bytes).map((all) => Buffer.concat(all)),
        ),
        fc.array(fc.nat(200), { maxLength: 12 }),
        (all, cuts) => {
          const places = [0, ...cuts.filter((cut) => cut < all.length), all.length];
          places.sort((a, b) => a - b);
          const pieces = places.slice(1).map((end, index) => all.subarray(places[index], end));
          expect(parse(pieces)).toEqual(parse([all]));
          const single = Array.from(all, (byte) => Uint8Array.of(byte));
          expect(parse(single)).toEqual(parse([all]));
          expect(parseBounded(single)).toEqual(parseBounded([all]));
          expect(parseBounded(pieces)).toEqual(parseBounded([all]));
        },
      ),
      { numRuns: 500 },
    );
  });
});
