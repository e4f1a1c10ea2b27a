import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GitClient } from '../../src/adapters/egress/git-client.ts';
import { createGitSource } from '../../src/adapters/sources/git.ts';
import { parseConfig } from '../../src/core/config.ts';
import { sourceSchema } from '../../src/core/config-source.ts';
import { documentClient, openSources } from '../ground/fixtures/open-sources.ts';
import { list, textOf } from './source-items.ts';

let folder = '';
let server: Server | undefined;

const git = (...args: string[]) =>
  execFileSync(
    'git',
    [
      '-c',
      'user.name=Test',
      '-c',
      'user.email=test@example.com',
      '-c',
      'core.quotePath=false',
      ...args,
    ],
    { cwd: folder, stdio: 'pipe', env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' } },
  ).toString();
const put = (path: string, text: string) => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const commit = () => {
  git('add', '--all');
  git('commit', '--quiet', '--message', 'change');
};
const open = (fields: object, ...parts: Parameters<typeof openSources>) =>
  openSources(...parts)(sourceSchema.parse({ kind: 'git', ...fields }));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cadre-git-'));
  git('init', '--quiet', '--initial-branch', 'main');
  put('README.md', 'The first walrus.');
  put('docs/line\nbreak.md', 'A penguin.');
  put('-rf.md', 'A name like an option.');
  put('tool.exe', 'x');
  put('node_modules/a/readme.md', 'not ours');
  symlinkSync('README.md', join(folder, 'link.md'));
  commit();
});
afterEach(() => {
  server?.close();
  rmSync(folder, { recursive: true });
});

describe('a Git repository', () => {
  it('lists and reads the files of a revision, whatever lies in the working tree', async () => {
    put('README.md', 'Not committed.');
    const source = open({ repository: folder });
    const { items, skipped } = await list(source);
    expect(items.map((item) => item.path)).toEqual(['-rf.md', 'README.md', 'docs/line\nbreak.md']);
    expect(skipped).toEqual([{ path: '*.exe', reason: 'one file of this kind is not read' }]);
    expect(await textOf(source, 'README.md')).toBe('The first walrus.');
    expect(await textOf(source, '-rf.md')).toBe('A name like an option.');
    expect(items.every((item) => Math.abs((item.modifiedAt ?? 0) - Date.now()) < 60_000)).toBe(
      true,
    );
  });

  it('follows a branch, keeps the marks of files that did not change, and reads tags', async () => {
    git('tag', 'v1');
    const source = open({ repository: folder });
    const marks = async () =>
      new Map((await list(source)).items.map((one) => [one.path, one.mark]));
    const before = await marks();
    put('README.md', 'The second walrus.');
    commit();
    const after = await marks();
    expect(after.get('-rf.md')).toBe(before.get('-rf.md'));
    expect(after.get('README.md')).not.toBe(before.get('README.md'));
    expect(await textOf(source, 'README.md')).toBe('The second walrus.');
    expect(await textOf(open({ repository: folder, ref: 'v1' }), 'README.md')).toBe(
      'The first walrus.',
    );
    const below = open({ repository: folder, path: 'docs' });
    expect((await list(below)).items.map((one) => one.path)).toEqual(['line\nbreak.md']);
  });

  it('says in words what git could not read', async () => {
    const failure = list(open({ repository: folder, ref: 'nowhere' }));
    await expect(failure).rejects.toThrow(/^git cannot read the repository: (?!fatal)/);
  });

  it('starts no program that the settings of the repository name', async () => {
    const mark = join(folder, '.git', 'it-ran');
    const program = join(folder, '.git', 'program');
    writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> '${mark}'\n`, { mode: 0o755 });
    const tree = git('rev-parse', 'HEAD^{tree}').trim();
    const signed = [
      `tree ${tree}`,
      'author Test <test@example.com> 1767225600 +0100',
      'committer Test <test@example.com> 1767225600 +0100',
      'gpgsig -----BEGIN PGP SIGNATURE-----',
      ' ',
      ' x',
      ' -----END PGP SIGNATURE-----',
      '',
      'signed',
      '',
    ].join('\n');
    const object = join(folder, '.git', 'signed');
    writeFileSync(object, signed);
    git('reset', '--soft', git('hash-object', '-t', 'commit', '-w', object).trim());
    for (const name of ['gpg.program', 'gpg.openpgp.program', 'core.fsmonitor', 'core.pager'])
      git('config', name, program);
    for (const name of ['core.sshCommand', 'core.editor', 'diff.external', 'diff.x.textconv'])
      git('config', name, program);
    git('config', 'filter.x.smudge', program);
    git('config', 'log.showSignature', 'true');
    put('.git/info/attributes', '* filter=x diff=x\n');
    rmSync(mark, { force: true });
    const source = open({ repository: folder });
    const { items } = await list(source);
    expect(items.map((item) => item.modifiedAt)).toEqual(items.map(() => 1_767_225_600_000));
    expect(await textOf(source, 'README.md')).toBe('The first walrus.');
    expect(existsSync(mark)).toBe(false);
  });

  it('reads what an earlier listing named, as after a restart', async () => {
    const item = (await list(open({ repository: folder }))).items.find(
      (one) => one.path === 'README.md',
    );
    if (item === undefined) throw new Error('no item');
    const { signal } = new AbortController();
    const opened = await open({ repository: folder }).doOpen(item, { signal });
    expect(readFileSync(opened.file, 'utf8')).toBe('The first walrus.');
    await opened.close();
    const odd = { ...item, path: 'other.md', mark: '--batch' };
    await expect(open({ repository: folder }).doOpen(odd, { signal })).rejects.toMatchObject({
      code: 'source_failed',
    });
  });

  it('names what is wrong with a folder, a ref and a file that is no repository', async () => {
    for (const fields of [{ repository: `${folder}/none` }, { repository: folder, ref: 'none' }])
      await expect(list(open(fields))).rejects.toMatchObject({ code: 'source_failed' });
    expect(
      sourceSchema.safeParse({ kind: 'git', repository: folder, ref: '--upload-pack=x' }).success,
    ).toBe(false);
  });

  it('fetches a remote repository only below a destination, with its key', async () => {
    const seen: (string | undefined)[] = [];
    server = serveGit(folder, seen);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const repository = `${url}/.git`;
    await expect(list(open({ repository }))).rejects.toMatchObject({ code: 'egress_refused' });
    const { destinations } = parseConfig({
      destinations: [{ id: 'code', kind: 'documents', url, keyEnv: 'CODE_KEY' }],
    });
    const environment = { ...process.env, CODE_KEY: 'user:secret' };
    const source = open({ repository, ref: 'main' }, destinations, environment);
    expect(await textOf(source, 'README.md')).toBe('The first walrus.');
    put('README.md', 'The second walrus.');
    commit();
    expect(await textOf(source, 'README.md')).toBe('The second walrus.');
    expect(new Set(seen)).toEqual(
      new Set([`Basic ${Buffer.from('user:secret').toString('base64')}`]),
    );
  });

  it('gives a remote repository up that is larger than a copy may be', async () => {
    put('large.bin', randomBytes(300_000).toString('hex'));
    commit();
    server = serveGit(folder, []);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { destinations } = parseConfig({ destinations: [{ id: 'c', kind: 'documents', url }] });
    const copies = mkdtempSync(join(tmpdir(), 'cadre-copies-'));
    const git = new GitClient(process.env);
    const documents = documentClient(destinations);
    const spec = { kind: 'git' as const, repository: `${url}/.git`, ref: 'main' };
    const source = (mostBytes: number) =>
      createGitSource(spec, { git, documents, folder: copies, mostBytes });
    await expect(list(source(200_000))).rejects.toMatchObject({
      code: 'source_failed',
      message: expect.stringContaining('name its folder'),
    });
    expect(readdirSync(copies)).toEqual([]);
    expect((await list(source(1e9))).items).toHaveLength(3);
    rmSync(copies, { recursive: true });
    await documents.close();
  });
});

/** Git's own program for the web, behind a server. */
function serveGit(root: string, seen: (string | undefined)[]): Server {
  return createServer((incoming, outgoing) => {
    seen.push(incoming.headers.authorization);
    const url = new URL(incoming.url ?? '', 'http://host');
    const child = spawn('git', ['http-backend'], {
      env: {
        ...process.env,
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: incoming.method,
        CONTENT_TYPE: incoming.headers['content-type'] ?? '',
        HTTP_GIT_PROTOCOL: String(incoming.headers['git-protocol'] ?? ''),
        ...(incoming.headers['content-encoding'] === undefined
          ? {}
          : { HTTP_CONTENT_ENCODING: String(incoming.headers['content-encoding']) }),
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    incoming.pipe(child.stdin);
    const pieces: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    child.once('close', () => {
      const answer = Buffer.concat(pieces);
      const end = answer.indexOf('\r\n\r\n');
      for (const line of answer.subarray(0, end).toString().split('\r\n')) {
        const [name = '', value = ''] = line.split(': ');
        if (name === 'Status') outgoing.statusCode = Number.parseInt(value, 10);
        else outgoing.setHeader(name, value);
      }
      outgoing.end(answer.subarray(end + 4));
    });
  });
}
