import { extname } from 'node:path';

export type Format =
  | 'markdown'
  | 'text'
  | 'rows'
  | 'html'
  | 'mail'
  | 'pdf'
  | 'picture'
  | 'docx'
  | 'pptx'
  | 'xlsx'
  | 'odf'
  | 'epub'
  | 'rtf'
  | 'code'
  | 'json'
  | 'json-lines'
  | 'structured'
  | 'csv';

/** Bytes; a larger file is reported and left out. */
export const FILE_LIMIT = 50_000_000;

const SUFFIXES: Readonly<Record<Format, string>> = {
  markdown: '.md .markdown .mdx',
  text: '.txt .text .rst .adoc .tex .org',
  rows: '.log .srt .vtt',
  html: '.html .htm .xhtml',
  mail: '.eml',
  pdf: '.pdf',
  picture: '.png .jpg .jpeg .tif .tiff',
  docx: '.docx .docm',
  pptx: '.pptx .pptm .ppsx',
  xlsx: '.xlsx .xlsm',
  odf: '.odt .ods .odp',
  epub: '.epub',
  rtf: '.rtf',
  code: '.ts .tsx .mts .js .jsx .mjs .cjs .py .go .rs .java .kt .swift .scala .c .h .cc .cpp .hpp .cs .rb .php .sh .bash .sql .lua .r .pl .ex .dart .proto .vue',
  json: '.json .geojson',
  'json-lines': '.jsonl .ndjson',
  structured: '.yaml .yml .toml .ini .xml .cfg .properties .graphql',
  csv: '.csv .tsv',
};

const FORMATS = new Map<string, Format>(
  (Object.entries(SUFFIXES) as [Format, string][]).flatMap(([format, suffixes]) =>
    suffixes.split(' ').map((suffix): [string, Format] => [suffix, format]),
  ),
);

/** The format of a file by its suffix; undefined = not read. */
export function formatOf(path: string): Format | undefined {
  return FORMATS.get(extname(path).toLowerCase());
}

/** Formats whose readers keep much memory (mail has them attached): each gets a process of its own. */
export function isPaged(path: string): boolean {
  const format = formatOf(path);
  return format === 'pdf' || format === 'picture' || format === 'mail';
}
