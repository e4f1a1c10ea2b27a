import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Engine, EngineApi } from 'tesseract.js-core/tesseract-core-simd-lstm.js';
import { Unreadable } from './unreadable.ts';

/** One line that was recognised; pixels, origin at the upper left. */
export interface RecognisedLine {
  readonly y: number;
  readonly height: number;
  /** Of the letters, as far as they were read with confidence. */
  readonly letterHeight?: number;
  readonly words: readonly { readonly text: string; readonly x: number; readonly width: number }[];
}

const DATA = '@tesseract.js-data/eng/4.0.0_best_int/eng.traineddata.gz';
const LSTM_ONLY = 1;
/** Columns and blocks are found by the engine. */
const AUTOMATIC_LAYOUT = '3';
/** 0 … 100; words below are scratches, lines of a table, pictures. */
const LEAST_WORD_CONFIDENCE = 30;
const CONFIDENT = 75;
const WORD = '5';
const MISSING =
  'its pages are pictures, and text recognition is not installed (npm install tesseract.js-core @tesseract.js-data/eng)';

let engine: Promise<{ readonly core: Engine; readonly api: EngineApi }> | undefined;

/**
 * Recognises English text in a PNG, JPEG, TIFF, BMP or PNM picture, in this process, from files of
 * installed packages alone. Rejects with Unreadable when the engine is not installed or does not
 * read the picture.
 */
export async function recognise(picture: Uint8Array): Promise<RecognisedLine[]> {
  engine ??= loadEngine();
  const { core, api } = await engine;
  core.FS.writeFile('/input', picture);
  try {
    if (api.SetImageFile(1, 0) === 1) throw new Unreadable('it is no picture that can be read');
    if (api.Recognize(null) !== 0) throw new Unreadable('its text could not be recognised');
    return linesOf(api.GetTSVText(0));
  } finally {
    api.Clear();
    core.FS.unlink('/input');
  }
}

async function loadEngine() {
  const { make, data } = await loadParts().catch(() => {
    throw new Unreadable(MISSING);
  });
  const silent = () => undefined;
  const core = await make({ print: silent, printErr: silent });
  core.FS.writeFile('eng.traineddata', await promisify(gunzip)(data));
  const api = new core.TessBaseAPI();
  if (api.Init(null, 'eng', LSTM_ONLY) !== 0) throw new Unreadable(MISSING);
  api.SetVariable('tessedit_pageseg_mode', AUTOMATIC_LAYOUT);
  return { core, api };
}

async function loadParts() {
  const { default: make } = await import('tesseract.js-core/tesseract-core-simd-lstm.js');
  return { make, data: await readFile(fileURLToPath(import.meta.resolve(DATA))) };
}

/** The engine's table has one row per word: level, page, block, paragraph, line, word, box, confidence, text. */
function linesOf(table: string): RecognisedLine[] {
  const lines = new Map<
    string,
    { words: RecognisedLine['words'][number][]; heights: number[]; top: number; bottom: number }
  >();
  for (const row of table.split('\n')) {
    const [level, , block, paragraph, number, , ...rest] = row.split('\t');
    const [x = 0, y = 0, width = 0, height = 0, confidence = 0] = rest.slice(0, 5).map(Number);
    // Lines around the cells of a table are read as bars.
    const text = rest.slice(5).join(' ').replaceAll('|', ' ').trim();
    if (level !== WORD || text === '' || confidence < LEAST_WORD_CONFIDENCE) continue;
    const key = `${block} ${paragraph} ${number}`;
    const line = lines.get(key) ?? { words: [], heights: [], top: y, bottom: y + height };
    line.words.push({ text, x, width });
    if (confidence >= CONFIDENT) line.heights.push(height);
    line.top = Math.min(line.top, y);
    line.bottom = Math.max(line.bottom, y + height);
    lines.set(key, line);
  }
  return [...lines.values()].map(({ words, heights, top, bottom }) => {
    const letterHeight = heights.sort((left, right) => left - right)[heights.length >> 1];
    const height = bottom - top;
    return { words, y: top, height, ...(letterHeight === undefined ? {} : { letterHeight }) };
  });
}
