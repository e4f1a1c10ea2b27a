import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { CadreError } from '../../core/errors.ts';
import type { OpenedItem, Source } from '../../core/source.ts';
import { markOf, reasonOf, walkFolder } from './folder-walk.ts';
import { FolderWatch, type WatchOptions } from './folder-watch.ts';
import { hashFile } from './item-file.ts';

/** A folder of this machine. Only here is a document read where it lies. */
export function createFolderSource(folder: string, options: WatchOptions): Source {
  return {
    async doList({ signal, onCount }) {
      const { files, skipped } = await walkFolder(folder, signal, onCount);
      return { items: files, skipped };
    },
    async doOpen(item, { signal }): Promise<OpenedItem> {
      const file = join(folder, item.path);
      try {
        const before = await lstat(file, { bigint: true });
        // What was a file when it was listed may be a link out of the folder or a pipe by now.
        if (!before.isFile()) throw new Error('it is no file any more');
        const { hash, bytes } = await hashFile(file, Number(before.size), signal);
        const isSteady = async () =>
          (await lstat(file, { bigint: true }).then(markOf, () => '')) === markOf(before);
        return { file, hash, bytes, isSteady, close: async () => undefined };
      } catch (thrown) {
        signal.throwIfAborted();
        throw new CadreError('document_unreadable', reasonOf(thrown), { param: item.path });
      }
    },
    doWatch: (onChange, { signal, onProblem }) =>
      new FolderWatch(folder, onChange, { ...options, onProblem }).run(signal),
  };
}
