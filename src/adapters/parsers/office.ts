import { OfficeParser } from 'officeparser';
import type { ParsedDocument } from '../../core/ports.ts';
import { DocumentBuilder } from './document-builder.ts';
import { Unreadable } from './unreadable.ts';
import { checkArchive } from './zip-check.ts';

type Node = Awaited<ReturnType<typeof OfficeParser.parseOffice>>['content'][number];
export type OfficeType = 'docx' | 'pptx' | 'xlsx' | 'odt' | 'rtf';

/** Headings, paragraphs, list items and table rows of an office document; notes and images are left out. */
export async function parseOffice(bytes: Uint8Array, type: OfficeType): Promise<ParsedDocument> {
  if (type !== 'rtf') checkArchive(bytes);
  const tree = await OfficeParser.parseOffice(Buffer.from(bytes), {
    fileType: type,
    ocr: false,
    extractAttachments: false,
  }).catch((thrown: unknown) => {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new Unreadable(
      /password|encrypt/i.test(reason)
        ? 'it is protected by a password'
        : `it is damaged or not a ${type} file (${reason.split('\n')[0]?.slice(0, 120)})`,
    );
  });
  const builder = new DocumentBuilder();
  for (const node of tree.content) addNode(builder, node, 0);
  return builder.build();
}

function addNode(builder: DocumentBuilder, node: Node, depth: number): void {
  if (depth > 60) throw new Unreadable('its parts are nested more than 60 deep');
  const text = node.text ?? '';
  switch (node.type) {
    case 'heading':
      builder.addHeading(levelOf(node), text);
      return;
    case 'list':
      builder.add('list-item', text);
      return;
    case 'row':
      builder.add(
        'table-row',
        (node.children ?? []).map((cell) => (cell.text ?? '').trim()).join(' | '),
      );
      return;
    case 'code':
      builder.add('code', text);
      return;
    case 'paragraph':
    case 'text':
      builder.add('paragraph', text);
      return;
    case 'image':
    case 'chart':
    case 'drawing':
    case 'comment':
    case 'header':
    case 'footer':
    case 'slideMaster':
    case 'embed':
      return;
    default:
      for (const child of node.children ?? []) addNode(builder, child, depth + 1);
  }
}

function levelOf(node: Node): number {
  const level = (node.metadata as { level?: unknown } | undefined)?.level;
  return typeof level === 'number' ? level : 1;
}
