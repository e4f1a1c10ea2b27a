// Writes the handbook of a hospital that does not exist: `node examples/hospital-files.ts FOLDER`.
// Text files are copied from examples/hospital, office files are made here, so that all of it can be read.
import { cpSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  docxOf,
  pptxOf,
  sheetData,
  slideShape,
  wordTable,
  wordText,
  xlsxOf,
} from '../test/fixtures/office-files.ts';
import { at, pdfOf } from '../test/fixtures/pdf-pages.ts';

const TEXTS = join(import.meta.dirname, 'hospital');

/** When the files were last changed; the older one of two that contradict each other loses. */
const DATES: Readonly<Record<string, string>> = {
  'wards/archive/visiting-2024.md': '2024-05-01',
  'wards/visiting.md': '2026-03-01',
};

export function writeHospital(folder: string): void {
  cpSync(TEXTS, folder, { recursive: true });
  mkdirSync(join(folder, 'house'), { recursive: true });
  for (const [path, bytes] of Object.entries(officeFiles()))
    writeFileSync(join(folder, path), bytes);
  for (const [path, day] of Object.entries(DATES))
    utimesSync(join(folder, path), new Date(day), new Date(day));
}

function officeFiles(): Readonly<Record<string, Uint8Array>> {
  return {
    'wards/falls.docx': docxOf(
      wordText('Preventing falls') +
        wordText('Every patient is assessed for the risk of falling within 24 hours.') +
        wordTable([
          ['points', 'measure'],
          ['0 to 2', 'bed in low position'],
          ['3 to 5', 'a nurse goes along to the bathroom'],
          ['6 and more', 'a sitter by day and night'],
        ]),
    ),
    'house/stock.xlsx': xlsxOf([
      {
        name: 'Store',
        xml: `<sheetData>${sheetData([
          ['item', 'shelf', 'least stock'],
          ['gloves, size M', 'B12', 40],
          ['infusion sets', 'C3', 25],
          ['wound dressings', 'A7', 60],
        ])}</sheetData>`,
      },
    ]),
    'house/fire-drill.pptx': pptxOf([
      {
        xml:
          slideShape('title', 'Fire drill') +
          slideShape('body', 'The assembly point is the car park in front of the chapel.'),
      },
      { xml: slideShape('body', 'Lifts are not used. Smoke doors are closed, never locked.') },
    ]),
    'house/emergency-power.pdf': pdfOf({
      pages: [
        {
          content:
            at(72, 720, 'Emergency power', 18) +
            at(72, 690, 'The generator starts within 15 seconds after the mains fail.') +
            at(72, 674, 'It carries operating theatres, intensive care and the lifts of wing B.'),
        },
        {
          content:
            at(72, 720, 'Tests', 18) +
            at(72, 690, 'The generator is tested on the first Monday of every month at 6:00.') +
            at(72, 674, 'The fuel lasts for 36 hours at full load.'),
        },
      ],
    }),
  };
}

const [, program, target] = process.argv;
if (program === import.meta.filename && target !== undefined) writeHospital(target);
