import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createParser } from '../../src/adapters/parsers/parser-process.ts';
import { createMailSource } from '../../src/adapters/sources/mail.ts';
import type { Source } from '../../src/core/source.ts';
import { list, textOf } from './source-items.ts';

const { signal } = new AbortController();
const parser = createParser();
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cadre-mail-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
});

const HTML = `From: =?utf-8?q?J=C3=BCrgen_M?= <juergen@example.com>\r
To: team@example.com\r
Subject: =?UTF-8?B?UHVtcCBpbnNwZWN0aW9u?=\r
 in the east hall\r
Date: Thu, 05 Mar 2026 10:00:00 +0100\r
Message-ID: <one@example.com>\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary="outer"\r
\r
--outer\r
Content-Type: multipart/alternative; boundary="outer-2"\r
\r
--outer-2\r
Content-Type: text/html; charset=utf-8\r
Content-Transfer-Encoding: quoted-printable\r
\r
<p>The pump runs at 40=C2=A0bar.</p><p>It is =\r
blue.</p>\r
--outer-2--\r
--outer\r
Content-Type: text/csv; name="values.csv"\r
Content-Disposition: attachment; filename="values.csv"\r
Content-Transfer-Encoding: base64\r
\r
${Buffer.from('part,pressure\nvalve,12 bar\n').toString('base64')}\r
--outer\r
Content-Type: application/zip\r
Content-Disposition: attachment; filename="x.zip"\r
\r
zzz\r
--outer--\r
`;
const PLAIN = `From: a@example.com
Subject: Valve
Date: Fri, 06 Mar 2026 10:00:00 +0000
Message-ID: <two@example.com>
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: 8bit

The valve in the Gr\xfcn hall is old.

>From now on it stays closed.
`;

const mbox = (...messages: string[]) =>
  Buffer.from(
    messages.map((one) => `From x Mon Jan  1 00:00:00 2026\n${one}\n`).join(''),
    'latin1',
  );
const put = (path: string, bytes: Uint8Array) => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), bytes);
  return createMailSource({ kind: 'mail', path: folder });
};

async function parsed(source: Source, path: string) {
  const item = (await list(source)).items.find((one) => one.path === path);
  if (item === undefined) throw new Error(`no item ${path}`);
  const opened = await source.doOpen(item, { signal });
  const document = await parser.doParse(opened.file, { signal });
  await opened.close();
  return document;
}

describe('mail', () => {
  it('lists each message of a mailbox with its headers, and reads text, HTML and attachments', async () => {
    const source = put('in.mbox', mbox(HTML, PLAIN));
    const { items } = await list(source);
    expect(items).toMatchObject([
      {
        title: 'Pump inspection in the east hall',
        modifiedAt: Date.parse('2026-03-05T09:00:00Z'),
        type: 'mail',
        given: { metadata: { from: 'Jürgen M <juergen@example.com>', to: 'team@example.com' } },
      },
      { title: 'Valve' },
    ]);
    expect(items[0]?.path).toMatch(
      /^in\.mbox\/2026-03-05 Pump inspection in the east hall \w{8}\.eml$/,
    );
    const first = await parsed(source, items[0]?.path ?? '');
    const texts = first.blocks.map((block) => block.text);
    expect(texts).toContain('The pump runs at 40 bar.');
    expect(texts).toContain('It is blue.');
    expect(texts.join('\n')).toContain('12 bar');
    expect(first.blocks.find((block) => block.text.includes('12 bar'))?.headings).toContain(
      'Attachment values.csv',
    );
    expect(texts).toContain('Attachment x.zip');
    const second = await parsed(source, items[1]?.path ?? '');
    expect(second.text).toContain('The valve in the Grün hall is old.');
    expect(second.text).toContain('From now on it stays closed.');
  });

  it('keeps marks and paths of messages when others come and go', async () => {
    const source = put('in.mbox', mbox(HTML, PLAIN));
    const before = (await list(source)).items;
    put('in.mbox', mbox(PLAIN));
    const after = (await list(source)).items;
    expect(after).toEqual([before[1]]);
    expect(await textOf(source, after[0]?.path ?? '')).toContain('Subject: Valve');
  });

  it('refuses bytes of another message when the mailbox changed after it was listed', async () => {
    const source = put('in.mbox', mbox(HTML, PLAIN));
    const [, second] = (await list(source)).items;
    if (second === undefined) throw new Error('no second message');
    put('in.mbox', mbox(PLAIN, PLAIN));
    await expect(source.doOpen(second, { signal })).rejects.toMatchObject({
      code: 'source_failed',
    });
  });

  it('reads single messages and Maildir, and says what is no mail', async () => {
    put('a.eml', Buffer.from(PLAIN, 'latin1'));
    put('b.eml', Buffer.from('nothing of a mail'));
    const source = put('box/cur/17:2,S', Buffer.from(PLAIN, 'latin1'));
    put('note.txt', Buffer.from('no mail'));
    const paths = (await list(source)).items.map((item) => item.path);
    expect(paths).toEqual(['a.eml', 'b.eml', 'box/cur/17:2,S']);
    expect((await parsed(source, 'box/cur/17:2,S')).text).toContain('The valve');
    await expect(parsed(source, 'b.eml')).rejects.toMatchObject({ code: 'document_unreadable' });
    const missing = createMailSource({ kind: 'mail', path: join(folder, 'none') });
    await expect(list(missing)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('finds messages across the pieces in which a large file is read', async () => {
    const long = (index: number) =>
      `Subject: s${index}\nMessage-ID: <${index}@x>\n\n${'word '.repeat(70_000 + index)}\n`;
    const count = 9;
    const source = put(
      'in.mbox',
      mbox(...Array.from({ length: count }, (_, index) => long(index))),
    );
    const { items } = await list(source);
    expect(items.map((item) => item.title)).toEqual(
      Array.from({ length: count }, (_, index) => `s${index}`),
    );
    const texts = await Promise.all(items.map((item) => textOf(source, item.path)));
    expect(
      texts.map((text) => text.startsWith('Subject: s') && text.endsWith('word \n\n')),
    ).toEqual(Array.from({ length: count }, () => true));
  });

  it('takes no line that does not end for the beginning of a message', async () => {
    const endless = 'From '.padEnd(300_000, 'x');
    const source = put('in.mbox', mbox(`Subject: one\n\nbefore\n\n${endless}\n`, PLAIN));
    put('endless.mbox', Buffer.from(endless));
    const { items, skipped } = await list(source);
    expect(items.map((item) => item.title)).toEqual(['one', 'Valve']);
    expect(await textOf(source, items[0]?.path ?? '')).toContain('before\n\nFrom xxx');
    expect(skipped).toEqual([
      { path: 'endless.mbox', reason: expect.stringContaining('is no mailbox') },
    ]);
  });

  it('never holds more than a piece of a mailbox, whatever its lines are', async () => {
    const bytes = Buffer.alloc(8_000_000, 'x');
    bytes.write('From x\nSubject: long\n\n\nFrom ');
    const source = put('in.mbox', bytes);
    const concat = vi.spyOn(Buffer, 'concat');
    const { items } = await list(source);
    const longest = Math.max(...concat.mock.results.map((one) => (one.value as Buffer).length));
    concat.mockRestore();
    expect(items).toMatchObject([{ title: 'long', bytes: bytes.length - 'From x\n'.length }]);
    expect(longest).toBeLessThan(500_000);
  });

  it('leaves out a message that no parser would take, and says what to do', async () => {
    const source = put('in.mbox', mbox(`Subject: big\n\n${'word '.repeat(10_100_000)}\n`, PLAIN));
    const { items, skipped } = await list(source);
    expect(items.map((item) => item.title)).toEqual(['Valve']);
    expect(skipped).toEqual([
      {
        path: expect.stringContaining('big'),
        reason: 'the message is larger than 50 MB; take its attachments out',
      },
    ]);
  });
});
