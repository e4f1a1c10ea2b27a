import { open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CadreError } from '../../../core/errors.ts';
import type { ModelSource } from '../../../core/ports.ts';
import type { PackageClient } from '../../egress/package-client.ts';
import { parseMaven } from './address.ts';
import { folderBytes, whileWatching } from './growing-folder.ts';
import { findZipMember, readZipMember } from './zip-member.ts';

/** Maven fetches its own plug-in first (8 s here), then the jar. */
const GET_DEADLINE_MS = 30 * 60_000;

/**
 * `maven:group:artifact:version/path`: the jar brought by Maven's dependency plug-in, one member of
 * it. The local repository is a folder beside the target that several files share: weights and
 * tokenizer come in one jar, and Maven fetches its plug-ins once. One Maven at a time writes it.
 */
export function createMavenSource(client: Pick<PackageClient, 'doRun'>): ModelSource {
  let line: Promise<void> = Promise.resolve();
  /** Members handed out. Asked for again, the first delivery was refused: the jar may be bad. */
  const served = new Set<string>();
  return {
    scheme: 'maven',
    async doFetch(source, file, target, { signal, onBytes }) {
      const artifact = parseMaven(source);
      const repository = join(dirname(target), 'maven');
      const jar = jarPath(repository, artifact);
      const obtain = async () => {
        signal.throwIfAborted();
        if (served.has(source)) await rm(dirname(jar), { recursive: true, force: true });
        if (await isThere(jar)) return;
        const before = await folderBytes(repository);
        await whileWatching(
          repository,
          (bytes) => onBytes(Math.max(0, bytes - before)),
          () => client.doRun(getCommand(artifact, repository, signal)),
        );
      };
      const turn = line.then(obtain);
      line = turn.catch(() => undefined);
      await turn;
      if (!(await isThere(jar)))
        throw new CadreError('source_failed', `mvn brought no jar of ${artifact.artifact}`);
      served.add(source);
      const member = await findZipMember(jar, artifact.member);
      if (member.bytes !== file.bytes)
        throw new CadreError(
          'source_failed',
          `${artifact.member} has ${member.bytes} bytes instead of ${file.bytes}`,
        );
      const handle = await open(target, 'w');
      let bytes = 0;
      try {
        for await (const piece of readZipMember(member, signal)) {
          await handle.appendFile(piece);
          bytes += piece.length;
          onBytes(bytes);
        }
      } finally {
        await handle.close();
      }
    },
  };
}

type Artifact = ReturnType<typeof parseMaven>;

function getCommand(
  { group, artifact, version }: Artifact,
  repository: string,
  signal: AbortSignal,
) {
  return {
    program: 'mvn',
    args: [
      '--batch-mode',
      '--quiet',
      'dependency:get',
      `-Dartifact=${group}:${artifact}:${version}`,
      '-Dtransitive=false',
      `-Dmaven.repo.local=${repository}`,
    ],
    folder: repository,
    destination: 'registry:maven',
    deadlineMs: GET_DEADLINE_MS,
    signal,
  } as const;
}

function jarPath(repository: string, { group, artifact, version }: Artifact): string {
  return join(repository, ...group.split('.'), artifact, version, `${artifact}-${version}.jar`);
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
