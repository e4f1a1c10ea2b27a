import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/core/config.ts';
import { sourceSchema } from '../../src/core/config-source.ts';
import type { Source } from '../../src/core/source.ts';
import { documentClient, openSources } from '../ground/fixtures/open-sources.ts';
import { list, textOf } from './source-items.ts';

type Answer = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

const { signal } = new AbortController();
let server: Server;
let url = '';
let answers: Record<string, Answer | string> = {};
let asked: string[] = [];

beforeEach(async () => {
  answers = {};
  asked = [];
  server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '';
    asked.push(path);
    const answer = answers[path];
    if (typeof answer === 'function') answer(incoming, outgoing);
    else {
      outgoing.statusCode = answer === undefined ? 404 : 200;
      outgoing.setHeader('content-type', path.endsWith('.xml') ? 'text/xml' : 'text/html');
      outgoing.end(answer);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function open(fields: object, base = url): Source {
  const { destinations } = parseConfig({
    destinations: [{ id: 'site', kind: 'documents', url: base }],
  });
  const spec = sourceSchema.parse(
    'kind' in fields ? fields : { kind: 'web', pagesPerSecond: 100, ...fields },
  );
  return openSources(destinations, {})(spec);
}

const sitemap = (...entries: readonly string[]) =>
  `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${entries
    .map((entry) => {
      const [path, modified] = entry.split(' ');
      return `<url><loc>${url}${path?.replace('&', '&amp;')}</loc>${modified ? `<lastmod>${modified}</lastmod>` : ''}</url>`;
    })
    .join('')}</urlset>`;
const paths = async (source: Source) => (await list(source)).items.map((item) => item.path);

describe('web pages', () => {
  it('reads the pages of a sitemap, of packed ones and of an index of them', async () => {
    answers['/index.xml'] =
      `<sitemapindex><sitemap><loc>${url}/one.xml</loc></sitemap><sitemap><loc>${url}/two.xml.gz</loc></sitemap></sitemapindex>`;
    answers['/one.xml'] = sitemap('/ 2026-03-05', '/guide/a.html?x=1&y=2');
    answers['/two.xml.gz'] = (_incoming, outgoing) =>
      outgoing.end(gzipSync(sitemap('/gr%C3%B6%C3%9Fe.html')));
    answers['/'] = '<h1>Start</h1>';
    answers['/guide/a.html?x=1&y=2'] = '<p>The walrus.</p>';
    const source = open({ sitemap: `${url}/index.xml` });
    const { items } = await list(source);
    expect(items.map((item) => item.path)).toEqual(['index', 'guide/a.html?x=1&y=2', 'größe.html']);
    expect(items[0]).toMatchObject({
      mark: '2026-03-05',
      modifiedAt: Date.parse('2026-03-05'),
      uri: `${url}/`,
    });
    expect(await textOf(source, 'guide/a.html?x=1&y=2')).toBe('<p>The walrus.</p>');
  });

  it('asks whether a page is the same by its etag, and opens it only when it is not', async () => {
    let version = 1;
    answers['/a.html'] = (incoming, outgoing) => {
      outgoing.setHeader('etag', `"${version}"`);
      outgoing.setHeader('content-type', 'text/html');
      outgoing.statusCode = incoming.headers['if-none-match'] === `"${version}"` ? 304 : 200;
      outgoing.end(outgoing.statusCode === 304 ? '' : `<p>Version ${version}</p>`);
    };
    const source = open({ pages: [`${url}/a.html`] });
    const mark = async () => (await list(source)).items[0]?.mark;
    const [item] = (await list(source)).items;
    if (item === undefined) throw new Error('no item');
    await (await source.doOpen(item, { signal })).close();
    expect(await mark()).toBe(item.mark);
    version = 2;
    expect(await mark()).not.toBe(item.mark);
    expect(await textOf(source, 'a.html')).toBe('<p>Version 2</p>');
  });

  it('keeps to robots.txt, to its destination and to the number of pages', async () => {
    answers['/robots.txt'] =
      'User-agent: *\nDisallow: /\n\nUser-agent: Cadre\nDisallow: /private\nAllow: /private/open$\nDisallow: /*.tmp$ # rest\n';
    answers['/s.xml'] = sitemap('/private/a', '/private/open', '/b.tmp', '/c', '/d', '/e').replace(
      '</urlset>',
      '<url><loc>http://127.0.0.1:1/else</loc></url></urlset>',
    );
    const source = open({ sitemap: `${url}/s.xml` });
    expect(await paths(source)).toEqual(['private/open', 'c', 'd', 'e']);
    expect((await list(source)).skipped).toMatchObject([
      { path: 'private/a', reason: 'robots.txt forbids it' },
      { path: 'b.tmp', reason: 'robots.txt forbids it' },
      { path: 'else', reason: expect.stringContaining('lies below no destination') },
    ]);
    expect(await paths(open({ sitemap: `${url}/s.xml`, mostPages: 4 }))).toEqual([
      'private/open',
      'c',
    ]);
    await expect(list(open({ sitemap: `${url}/s.xml` }, `${url}/below/`))).rejects.toMatchObject({
      code: 'egress_refused',
    });
  });

  it('asks every host for its own robots.txt', async () => {
    const other = createServer((incoming, outgoing) => {
      outgoing.statusCode = incoming.url === '/robots.txt' ? 200 : 404;
      outgoing.end('User-agent: *\nDisallow: /open');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    answers['/robots.txt'] = 'User-agent: *\nDisallow: /closed';
    const { destinations } = parseConfig({
      destinations: [
        { id: 'site', kind: 'documents', url },
        { id: 'other', kind: 'documents', url: base },
      ],
    });
    const pages = [`${url}/open`, `${url}/closed`, `${base}/open/2`, `${base}/closed/2`];
    const source = openSources(
      destinations,
      {},
    )(sourceSchema.parse({ kind: 'web', pagesPerSecond: 100, pages }));
    expect(await paths(source)).toEqual(['open', 'closed/2']);
    other.closeAllConnections();
    other.close();
  });

  it('gives every hop of a redirect the key of its own destination', async () => {
    const keys: Record<string, string | undefined> = {};
    const { destinations } = parseConfig({
      destinations: [
        { id: 'a', kind: 'documents', url: `${url}/a`, keyEnv: 'KEY_A' },
        { id: 'b', kind: 'documents', url: `${url}/b`, keyEnv: 'KEY_B' },
        { id: 'c', kind: 'documents', url: `${url}/c` },
      ],
    });
    const hop = (name: string, next: string): Answer => {
      return (incoming, outgoing) => {
        keys[name] = incoming.headers.authorization;
        outgoing.statusCode = 302;
        outgoing.setHeader('location', next);
        outgoing.end();
      };
    };
    answers['/a/page'] = hop('a', `${url}/b/page`);
    answers['/b/page'] = hop('b', `${url}/c/page`);
    answers['/c/page'] = (incoming, outgoing) => {
      keys['c'] = incoming.headers.authorization;
      outgoing.end('here');
    };
    const environment = { KEY_A: 'secret-of-a', KEY_B: 'secret-of-b' };
    const client = documentClient(destinations, environment);
    const wish = { destination: undefined, url: `${url}/a/page`, maxBytes: 1000, signal };
    (await client.get(wish)).body.finish();
    await client.close();
    expect(keys).toEqual({ a: 'Bearer secret-of-a', b: 'Bearer secret-of-b', c: undefined });
  });

  it('follows redirects within the destination only', async () => {
    const to =
      (location: string): Answer =>
      (_incoming, outgoing) =>
        outgoing.writeHead(302, { location }).end();
    answers['/docs/a'] = to('/docs/b.txt');
    answers['/docs/b.txt'] = 'The walrus.';
    answers['/docs/out'] = to('/admin');
    answers['/docs/away'] = to('http://127.0.0.1:1/x');
    answers['/docs/loop'] = to('/docs/loop');
    answers['/admin'] = 'secret';
    const pages = ['a', 'out', 'away', 'loop'].map((name) => `${url}/docs/${name}`);
    const source = open({ pages }, `${url}/docs`);
    expect(await textOf(source, 'docs/a')).toBe('The walrus.');
    for (const [path, code] of [
      ['docs/out', 'egress_refused'],
      ['docs/away', 'egress_refused'],
      ['docs/loop', 'source_failed'],
    ] as const)
      await expect(textOf(source, path)).rejects.toMatchObject({ code });
    expect(asked).not.toContain('/admin');
  });

  it('tells what is gone from what cannot be had now, and refuses kinds that are not read', async () => {
    answers['/busy'] = (_incoming, outgoing) => outgoing.writeHead(503).end();
    answers['/photo'] = (_incoming, outgoing) =>
      outgoing.writeHead(200, { 'content-type': 'video/mp4' }).end('x');
    answers['/large'] = (_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/html', 'content-length': '60000000' });
      outgoing.end(Buffer.alloc(60_000_000, 'x'));
    };
    const source = open({
      pages: ['none', 'busy', 'photo', 'large'].map((name) => `${url}/${name}`),
    });
    for (const [path, code] of [
      ['none', 'document_unreadable'],
      ['busy', 'source_failed'],
      ['photo', 'document_unreadable'],
    ] as const)
      await expect(textOf(source, path)).rejects.toMatchObject({ code });
    await expect(textOf(source, 'large')).rejects.toThrow();
    await expect(list(open({ sitemap: `${url}/none.xml` }))).rejects.toMatchObject({
      code: 'source_failed',
    });
  });
});

describe('a feed', () => {
  const feed = () => open({ kind: 'feed', url: `${url}/feed.xml` });

  it('reads RSS with text that it encodes or quotes', async () => {
    answers['/feed.xml'] = `<rss version="2.0"><channel><title>News</title>
      <item><title>Pump &amp; valve</title><link>${url}/pump</link><guid>1</guid>
        <pubDate>Thu, 05 Mar 2026 10:00:00 GMT</pubDate><dc:creator>Ann</dc:creator>
        <description>short</description>
        <content:encoded><![CDATA[<p>The pump runs at <b>40</b> bar.</p>]]></content:encoded>
        <media:content url="x.png"/></item>
      <item><title>Lamp</title><description>&lt;p&gt;The lamp is green.&lt;/p&gt;</description></item>
    </channel></rss>`;
    const source = feed();
    const { items, isPartial } = await list(source);
    expect(isPartial).toBe(true);
    expect(items).toMatchObject([
      {
        title: 'Pump & valve',
        uri: `${url}/pump`,
        modifiedAt: Date.parse('2026-03-05T10:00:00Z'),
        given: { metadata: { author: 'Ann' } },
      },
      { title: 'Lamp' },
    ]);
    expect(await textOf(source, items[0]?.path ?? '')).toContain('The pump runs at <b>40</b> bar.');
    expect(await textOf(source, items[1]?.path ?? '')).toContain('<p>The lamp is green.</p>');
  });

  it('reads Atom, and refuses what is no feed', async () => {
    answers['/feed.xml'] = `<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title>
      <entry><title type="html">A &lt;i&gt;walrus&lt;/i&gt;</title><id>urn:1</id>
        <link rel="self" href="${url}/self"/><link href="${url}/walrus"/>
        <updated>2026-03-05T10:00:00Z</updated>
        <content type="xhtml"><div>It sleeps.</div></content></entry></feed>`;
    const source = feed();
    const [item] = (await list(source)).items;
    expect(item).toMatchObject({ title: 'A walrus', uri: `${url}/walrus` });
    expect(await textOf(source, item?.path ?? '')).toContain('<div>It sleeps.</div>');
    answers['/feed.xml'] = '<html><p>Sign in</p></html>';
    await expect(list(feed())).rejects.toMatchObject({ code: 'source_failed' });
    answers['/feed.xml'] =
      '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss><item><title>&b;</title></item></rss>';
    expect((await list(feed())).items[0]?.title).toBe('&b;');
  });
});
