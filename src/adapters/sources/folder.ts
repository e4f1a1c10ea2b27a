import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { CadreError } from '../../core/errors.ts';
import type { FolderSource } from '../../core/ports.ts';
import { reasonOf, walkFolder } from './folder-walk.ts';
import { FolderWatch, type WatchOptions } from './folder-watch.ts';

/** A folder of this machine. */
export function createFolderSource(options: WatchOptions): FolderSource {
  return {
    async doList(folder, { signal }) {
      const { files, skipped } = await walkFolder(folder, signal);
      return { files, skipped };
    },
    async doHash(file, { signal }) {
      const hash = createHash('sha256');
      try {
        for await (const part of createReadStream(file.absolute, { signal })) hash.update(part);
      } catch (thrown) {
        signal.throwIfAborted();
        throw new CadreError('document_unreadable', reasonOf(thrown), { param: file.path });
      }
      return hash.digest('hex');
    },
    doWatch: (folder, onChange, { signal }) =>
      new FolderWatch(folder, onChange, options).run(signal),
  };
}
