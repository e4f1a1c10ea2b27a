import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { isUrl, type SourceOf } from '../../core/config-source.ts';
import { CadreError } from '../../core/errors.ts';
import type { Source, SourceItem, SourceListing } from '../../core/source.ts';
import type { DocumentClient } from '../egress/document-client.ts';
import type { GitClient } from '../egress/git-client.ts';
import { FILE_LIMIT, formatOf } from '../parsers/formats.ts';
import { isIgnored } from './folder-walk.ts';
import { keepItem } from './item-file.ts';
import { UnreadSuffixes } from './unread-suffixes.ts';

const LOCAL_MS = 60_000;
const FETCH_MS = 600_000;
const MOST_FILES = 200_000;
const MOST_FETCHED = 4e9;

export interface GitParts {
  readonly git: GitClient;
  readonly documents: Pick<DocumentClient, 'leave'>;
  /** Where copies of remote repositories are kept. */
  readonly folder: string;
  /** Bytes that a copy may take; 4 GB when absent. */
  readonly mostBytes?: number;
}

/**
 * The files of one revision, read from the repository's objects: nothing is checked out, and a
 * blob's id is its mark. A remote repository is fetched (its newest revision only) before it is listed.
 */
export function createGitSource(spec: SourceOf<'git'>, parts: GitParts): Source {
  let blobs = new Map<string, string>();
  let listed: { readonly commit: string; readonly listing: SourceListing } | undefined;
  return {
    hasTrueMarks: true,
    async doList({ signal, onCount }) {
      const folder = isUrl(spec.repository)
        ? await fetchCopy(spec, parts, signal)
        : spec.repository;
      const run = (args: readonly string[]) =>
        parts.git.text({ args, folder, deadlineMs: LOCAL_MS, signal });
      const ref = isUrl(spec.repository) ? COPIED_REF : spec.ref;
      const commit = (
        await run(['rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`])
      ).trim();
      if (listed?.commit === commit) return listed.listing;
      // `log` would run the program by which the repository's settings check signatures.
      const time = timeOf(await run(['cat-file', 'commit', commit]));
      const tree = await run(['ls-tree', '-r', '-z', '-l', '--full-tree', commit]);
      const read = readTree(tree, time, spec.path);
      onCount?.(read.listing.items.length);
      blobs = read.blobs;
      listed = { commit, listing: read.listing };
      return read.listing;
    },
    async doOpen(item, { signal }) {
      // A mark is a blob's id, so that an item of an earlier listing can be read too.
      const blob = blobs.get(item.path) ?? item.mark;
      if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(blob))
        throw new CadreError(
          'source_failed',
          'it is not in the revision that was listed last; index the collection again',
          { param: item.path },
        );
      const folder = isUrl(spec.repository) ? copyFolder(spec, parts.folder) : spec.repository;
      const args = ['cat-file', 'blob', blob];
      const bytes = parts.git.read({ args, folder, deadlineMs: LOCAL_MS, signal });
      return keepItem(bytes, extname(item.path).toLowerCase(), signal);
    },
  };
}

const COPIED_REF = 'refs/cadre/fetched';

/** Each revision has a copy of its own, so that two collections never fetch into one at a time. */
function copyFolder({ repository, ref }: SourceOf<'git'>, folder: string): string {
  const name = createHash('sha256').update(`${repository}\n${ref}`).digest('hex').slice(0, 32);
  return join(folder, name);
}

async function fetchCopy(
  spec: SourceOf<'git'>,
  { git, documents, folder: parent, mostBytes = MOST_FETCHED }: GitParts,
  signal: AbortSignal,
): Promise<string> {
  const { repository, destination, ref } = spec;
  const network = documents.leave(destination, repository);
  const folder = copyFolder(spec, parent);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await git.text({ args: ['init', '--bare', '--quiet'], folder, deadlineMs: LOCAL_MS, signal });
  const args = ['fetch', '--quiet', '--no-tags', '--depth=1', '--force', '--no-auto-maintenance'];
  const wanted = ['--', repository, `+${ref}:${COPIED_REF}`];
  const command = { args: [...args, ...wanted], folder, network, deadlineMs: FETCH_MS };
  await withinBytes({ folder, most: mostBytes, signal }, (both) =>
    git.text({ ...command, signal: both }),
  );
  // Packs of earlier revisions would heap up; it does nothing until there are fifty.
  const tidy = ['-c', 'gc.autoDetach=false', 'gc', '--auto', '--quiet', '--prune=now'];
  await git.text({ args: tidy, folder, deadlineMs: FETCH_MS, signal });
  return folder;
}

/** Git has no limit of its own for what it fetches: a copy that grows beyond one is given up. */
async function withinBytes(
  { folder, most, signal }: { folder: string; most: number; signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const over = new AbortController();
  const look = async () => {
    if ((await bytesIn(folder)) > most) over.abort(tooMuch(most));
  };
  const timer = setInterval(() => void look(), LOOK_MS).unref();
  try {
    await work(AbortSignal.any([signal, over.signal]));
    await look();
    over.signal.throwIfAborted();
  } catch (thrown) {
    if (over.signal.aborted) await rm(folder, { recursive: true, force: true });
    throw thrown;
  } finally {
    clearInterval(timer);
  }
}

const LOOK_MS = 1000;

function tooMuch(most: number): CadreError {
  return new CadreError(
    'source_failed',
    `a copy of the repository takes more than ${most / 1e9} GB; clone the part that is wanted yourself and name its folder`,
  );
}

/** Files come and go while git writes them. */
async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  let bytes = 0;
  for (const name of names)
    bytes += (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0;
  return bytes;
}

/** Unix milliseconds of `committer NAME <MAIL> SECONDS ZONE` among a commit's headers. */
function timeOf(commit: string): number {
  const [headers = ''] = commit.split('\n\n', 1);
  return Number(/^committer .*> (\d{1,12}) [+-]\d{4}$/m.exec(headers)?.[1] ?? 0) * 1000;
}

/** `MODE TYPE ID SIZE<tab>PATH<nul>` for every entry. */
function readTree(tree: string, modifiedAt: number, below: string | undefined) {
  const items: SourceItem[] = [];
  const skipped: { path: string; reason: string }[] = [];
  const unread = new UnreadSuffixes();
  const blobs = new Map<string, string>();
  const root = below === undefined ? '' : `${below.replace(/\/+$/, '')}/`;
  for (const entry of tree.split('\0')) {
    const [facts = '', full = ''] = splitAt(entry, '\t');
    const [mode, type, id = '', size] = facts.split(/ +/);
    if (type !== 'blob' || mode === LINK || !full.startsWith(root)) continue;
    const path = full.slice(root.length);
    if (path.split('/').some(isIgnored)) continue;
    if (formatOf(path) === undefined) unread.add(path);
    else if (Number(size) > FILE_LIMIT)
      skipped.push({
        path,
        reason: `larger than ${FILE_LIMIT / 1e6} MB; cut it into parts`,
      });
    else {
      blobs.set(path, id);
      items.push({ path, mark: id, bytes: Number(size), modifiedAt });
    }
    if (items.length > MOST_FILES)
      throw new CadreError('invalid_request', `the revision has more than ${MOST_FILES} documents`);
  }
  return { blobs, listing: { items, skipped: [...skipped, ...unread.skipped] } };
}

const LINK = '120000';

function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
