// Fits and certifies the gate that ships with the starter farm, from graded answers of its spokes on
// development data, and compares it with the starter's table on rows that it was not fitted on.
// CADRE_DATA=… cadre bench starter-gate: writes starter/gate
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bootstrapMean, mean } from '../src/base/statistics.ts';
import { contentHash } from '../src/compose/content-hash.ts';
import { VERSION } from '../src/compose/version.ts';
import type { GateReport } from '../src/core/gate-report.ts';
import { makeCertificate } from '../src/gate/certificate.ts';
import { costCurve } from '../src/gate/curve.ts';
import { drawCurve } from '../src/gate/curve-picture.ts';
import { gradedTable } from '../src/gate/graded-table.ts';
import type { ScopeFile } from '../src/gate/scope.ts';
import { printResult } from './lib/result.ts';
import { figuresOf, fittedOn, outcomesOf } from './lib/starter-gate.ts';
import { FITTED_SPOKES, foldsOf, modelOf, starterGateRows } from './lib/starter-gate-rows.ts';

const SEED = 20261127;
const PROMISE = { alpha: 0.1, delta: 0.1 };
/** Models and prompts of the starter spokes are pinned; what people ask changes. */
const DAYS = 365;
const DAY_MS = 86_400_000;
const FOLDER = resolve(import.meta.dirname, '..', 'starter', 'gate');

const rows = starterGateRows();
/** One part in three says which spoke loses how much, the others hold the promise against it. */
const PARTS = 3;

const [parts] = foldsOf(rows, PARTS, SEED);
if (parts === undefined) throw new Error('there are no rows');
const { held: fitted, fit: apart } = parts;
const gate = fittedOn(fitted, apart, PROMISE);
const figures = figuresOf(apart, gate);
const compared = outcomesOf(apart, gate);

const data = contentHash(JSON.stringify(rows));
const scope: ScopeFile = {
  version: 1,
  origin: 'starter',
  reference: 'general',
  models: Object.fromEntries(FITTED_SPOKES.map((id) => [id, modelOf(id)])),
  losses: gate.losses,
};
const scopeText = `${JSON.stringify(scope, null, 2)}\n`;
const madeAt = Date.parse('2026-11-27T00:00:00Z');
const certificate = makeCertificate(
  {
    promise: PROMISE,
    slices: [gate.slice],
    reference: 'general',
    models: FITTED_SPOKES,
    gate: contentHash(scopeText),
    data,
    madeAt,
    expiresAt: madeAt + DAYS * DAY_MS,
    code: VERSION,
  },
  contentHash,
);
const report: GateReport = {
  version: 1,
  madeAt: new Date(madeAt).toISOString(),
  data,
  seed: SEED,
  code: VERSION,
  models: [...FITTED_SPOKES],
  reference: 'general',
  rows: { fitted: fitted.length, heldOut: gate.heldOut.rows.length, duplicates: 0 },
  ...figures,
};
write('scope.json', scopeText);
write('certificate.json', `${JSON.stringify(certificate, null, 2)}\n`);
write('report.json', `${JSON.stringify(report, null, 2)}\n`);
write('table.json', `${JSON.stringify(gradedTable(gate.heldOut), null, 2)}\n`);
write(
  'curve.svg',
  drawCurve(costCurve(gate.heldOut), report.words, {
    cost: 1 - report.saved,
    quality: report.quality.gate,
  }),
);

const known = compared.filter((one) => one.table !== undefined && one.gate !== undefined);
const scoreOf = (side: 'table' | 'gate') => known.map((one) => one[side]?.score ?? 0);
const costOf = (side: 'table' | 'gate') => mean(known.map((one) => one[side]?.cost ?? 0));
printResult('starter-gate', SEED, {
  rows: rows.length,
  compared: known.length,
  quality: { table: mean(scoreOf('table')), gate: mean(scoreOf('gate')) },
  gain: bootstrapMean(
    known.map((one) => (one.gate?.score ?? 0) - (one.table?.score ?? 0)),
    { seed: SEED },
  ),
  costShare: costOf('gate') / costOf('table'),
  byTask: Object.fromEntries(
    [...Map.groupBy(known, (one) => one.task)].map(([task, some]) => [
      task,
      {
        rows: some.length,
        table: mean(some.map((one) => one.table?.score ?? 0)),
        gate: mean(some.map((one) => one.gate?.score ?? 0)),
        tableCost: mean(some.map((one) => one.table?.cost ?? 0)),
        gateCost: mean(some.map((one) => one.gate?.cost ?? 0)),
      },
    ]),
  ),
  certificate: certificate.slices,
  losses: gate.losses,
  report,
});

function write(name: string, content: string | Uint8Array): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, name), content);
}
