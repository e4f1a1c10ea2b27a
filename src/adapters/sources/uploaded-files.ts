import { CadreError } from '../../core/errors.ts';
import type { ObjectRow, ObjectStore } from '../../core/objects.ts';
import type { OpenedItem, Source, SourceItem } from '../../core/source.ts';
import { uploadedFileOf, type VectorStoreBody, vectorFilePath } from '../../core/vector-store.ts';
import { keepItem } from './item-file.ts';

/** What a file that a vector store names has of its own. */
interface Upload {
  readonly filename: string;
  readonly bytes: number;
}

/** The uploaded files of a vector store; an object whose files are gone has none. */
export function createUploadedFiles(store: string, objects: ObjectStore): Source {
  return {
    async doList({ signal, onCount }) {
      const items: SourceItem[] = [];
      const row = await objects.doGetObject('vector_store', store);
      const files = Object.entries((row?.body as VectorStoreBody | undefined)?.files ?? {});
      for (const [id, { attributes }] of files) {
        signal.throwIfAborted();
        const file = await objects.doGetObject('file', id);
        if (file === undefined || file.key !== row?.key) continue;
        items.push(itemOf(file, attributes));
        onCount?.(items.length);
      }
      return { items, skipped: [] };
    },
    async doOpen(item, { signal }): Promise<OpenedItem> {
      const id = uploadedFileOf(item.path)?.id ?? '';
      // The name is the caller's: only its suffix may matter outside the store.
      const opened = await keepItem(bytesOf(objects, id), suffixOf(item.path), signal);
      if (opened.bytes === item.bytes)
        return { ...opened, isSteady: () => isThere(objects, store, id) };
      await opened.close();
      throw new CadreError('document_unreadable', 'the file is gone');
    },
  };
}

/** What was taken out or deleted while it was read is not written any more. */
async function isThere(objects: ObjectStore, store: string, id: string): Promise<boolean> {
  const row = await objects.doGetObject('vector_store', store);
  const { files = {} } = (row?.body ?? {}) as Partial<VectorStoreBody>;
  return id in files && (await objects.doGetObject('file', id)) !== undefined;
}

function itemOf(
  { id, createdAt, body }: ObjectRow,
  attributes: VectorStoreBody['files'][string]['attributes'],
): SourceItem {
  const { filename, bytes } = body as unknown as Upload;
  return {
    path: vectorFilePath(id, filename),
    // An uploaded file never changes.
    mark: id,
    bytes,
    modifiedAt: createdAt,
    uri: id,
    title: filename,
    given: { metadata: attributes },
  };
}

async function* bytesOf(objects: ObjectStore, id: string): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of objects.doReadParts('file', id)) yield bytes;
}

function suffixOf(path: string): string {
  return /\.[A-Za-z0-9]{1,12}$/.exec(path)?.[0] ?? '';
}
