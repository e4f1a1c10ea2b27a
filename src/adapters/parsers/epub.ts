import { posix } from 'node:path';
import type { ParsedDocument } from '../../core/ports.ts';
import { DocumentBuilder } from './document-builder.ts';
import { addHtml } from './html.ts';
import { Unreadable } from './unreadable.ts';
import { readXml } from './xml-reader.ts';
import { ZipArchive } from './zip-archive.ts';

const MOST_CHAPTERS = 2000;

/** The chapters of a book in their order (EPUB 3.3, package document and spine). */
export function parseEpub(bytes: Uint8Array): ParsedDocument {
  const archive = new ZipArchive(bytes);
  const root = rootOf(archive);
  const source = root === undefined ? undefined : archive.text(root);
  if (root === undefined || source === undefined)
    throw new Unreadable('it is an archive, but not a book (.epub)');
  if (/EncryptedKey|adept|rights/i.test(archive.text('META-INF/rights.xml') ?? ''))
    throw new Unreadable('the book is locked by its seller (DRM); only its own reader opens it');
  const { title, chapters } = spineOf(source, posix.dirname(root));
  const builder = new DocumentBuilder();
  if (title !== '') builder.addHeading(0, title);
  for (const name of chapters.slice(0, MOST_CHAPTERS)) {
    const chapter = archive.text(name);
    if (chapter !== undefined) addHtml(builder, chapter);
  }
  if (chapters.length > MOST_CHAPTERS) builder.flag('cut-short');
  return builder.build();
}

function rootOf(archive: ZipArchive): string | undefined {
  let root: string | undefined;
  readXml(archive.text('META-INF/container.xml') ?? '', {
    open: (tag) => {
      if (tag.name === 'rootfile') root ??= tag.attribute('full-path');
    },
  });
  return root;
}

function spineOf(source: string, folder: string) {
  const files = new Map<string, string>();
  const chapters: string[] = [];
  let title = '';
  let isTitle = false;
  readXml(source, {
    open: (tag) => {
      isTitle = tag.name === 'title' && title === '';
      const id = tag.attribute('id') ?? '';
      if (tag.name === 'item' && !/\bnav\b/.test(tag.attribute('properties') ?? ''))
        files.set(id, posix.join(folder, decoded(tag.attribute('href') ?? '')));
      const file = files.get(tag.attribute('idref') ?? '');
      if (tag.name === 'itemref' && file !== undefined) chapters.push(file);
    },
    text: (text) => {
      if (isTitle) title += text;
    },
    close: () => {
      isTitle = false;
    },
  });
  return { title: title.trim(), chapters };
}

function decoded(href: string): string {
  try {
    return decodeURIComponent(href.split('#')[0] ?? '');
  } catch {
    return href;
  }
}
