// The project's own tasks: check (fast), test (everything), models (all starter models), docs.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);
const isCi = process.env['CI'] !== undefined && process.env['CI'] !== '';
/** Suites that need weights, a browser, Postgres or whole processes. */
const SLOW = ['test/needs-models', 'test/e2e', 'test/contracts/store-postgres.test.ts'];
/** Suites that need an environment of gigabytes beside. */
const BESIDE = ['test/trainers'];
/** Suites that train, start processes or search thousands of cases: seconds each. */
const HEAVY = [
  'test/conformance',
  'test/dialects',
  'test/faults',
  'test/learn',
  'test/server/hostile-bodies.test.ts',
  'test/server/hostile-connections.test.ts',
  'test/workers',
  'test/stores',
  'test/contracts/store-sqlite.test.ts',
  'test/compose/gate-room.test.ts',
  'test/gate/certify.test.ts',
  'test/gate/fit-gate.test.ts',
  'test/gate/success',
  'test/gate/properties.test.ts',
  'test/gate/task-model.test.ts',
  'test/ground/knowledge.test.ts',
  'test/ground/crashes.test.ts',
  'test/ground/document-reader.test.ts',
  'test/ground/watching.test.ts',
  'test/adapters/parsers.test.ts',
  'test/adapters/parsers-limits.test.ts',
  'test/verify/fact-checks.test.ts',
  'test/policy/shapes.test.ts',
  'test/base/tokens.test.ts',
];
const SMALL = [
  'smollm2-135m-instruct-q4_1',
  'qwen2.5-coder-0.5b-instruct-q4_k_m',
  'bge-small-en-v1.5-q',
];

const cadre = ['--disable-warning=ExperimentalWarning', join(root, 'src', 'cli', 'cadre.ts')];
const cache = process.env['XDG_CACHE_HOME'] ?? join(process.env['HOME'] ?? root, '.cache');
const testHome = process.env['CADRE_TEST_HOME'] ?? join(cache, 'cadre-test');
const modelEnvironment = { CADRE_TEST_MODELS: join(testHome, 'models') };

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}
const totals: Counts = { passed: 0, failed: 0, skipped: 0 };

function say(title: string): void {
  process.stderr.write(`\n▸ ${title}\n`);
}

/** Runs a program with this terminal; a failure ends the task with its exit code. */
function run(
  title: string,
  program: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): void {
  say(title);
  const result = spawnSync(program, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  if (result.status !== 0) finish(result.status ?? 1);
}

/** Runs a part of the tests and adds up its counts. */
function suite(
  title: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): void {
  say(title);
  const folder = mkdtempSync(join(tmpdir(), 'cadre-tests-'));
  const report = join(folder, 'report.json');
  const result = spawnSync(
    bin('vitest'),
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args],
    { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } },
  );
  try {
    const counts = JSON.parse(readFileSync(report, 'utf8')) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
    };
    totals.passed += counts.numPassedTests;
    totals.failed += counts.numFailedTests;
    totals.skipped += counts.numPendingTests;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (result.status !== 0) finish(result.status ?? 1);
}

/** Prints the totals on a line of their own; in CI a skipped test is a failure. */
function finish(code: number): never {
  if (totals.passed + totals.failed + totals.skipped > 0) {
    process.stdout.write(
      `\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`,
    );
    if (code === 0 && isCi && totals.skipped > 0) {
      process.stderr.write(
        'In CI every test runs; a part that the skipped ones need is missing.\n',
      );
      process.exit(1);
    }
  }
  process.exit(code);
}

function check(): void {
  run('format and lint', bin('biome'), ['check', '--error-on-warnings', '.']);
  run('types', bin('tsc'), ['-p', '.']);
  run('types of the console', bin('tsc'), ['-p', 'console']);
  // Files share a process: these tests share no state, and loading the modules anew for each file
  // took two thirds of the time. On two cores the default is one worker.
  suite('architecture and unit tests', [
    '--no-isolate',
    '--maxWorkers=2',
    ...[...SLOW, ...HEAVY, ...BESIDE].flatMap((path) => [
      '--exclude',
      path.endsWith('.ts') ? path : `${path}*/**`,
    ]),
  ]);
}

/** Fetches the pinned models that the tests use; without a network the tests say what they skip. */
function pullModels(ids: readonly string[]): void {
  say(`models for the tests → ${testHome}`);
  const result = spawnSync(process.execPath, [...cadre, 'pull', ...ids], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, CADRE_HOME: testHome },
  });
  if (result.status !== 0 && isCi) finish(result.status ?? 1);
}

const [task = '', ...rest] = process.argv.slice(2);
switch (task) {
  case 'check':
    check();
    break;
  case 'docs':
    run('documents', process.execPath, [
      '--disable-warning=ExperimentalWarning',
      join(root, 'test', 'write-docs.ts'),
    ]);
    break;
  case 'test':
    check();
    suite('training, processes and property tests', [...HEAVY, ...rest]);
    pullModels(SMALL);
    // One file at a time: model processes and the browser share the cores with whatever else runs.
    suite(
      'models, Postgres and the browser',
      ['--no-file-parallelism', ...SLOW, ...rest],
      modelEnvironment,
    );
    break;
  case 'models':
    pullModels([...SMALL, 'qwen2.5-coder-1.5b-instruct-q4_k_m']);
    suite(
      'everything on all starter models',
      ['--no-file-parallelism', 'test/needs-models', ...rest],
      { ...modelEnvironment, CADRE_TEST_ALL: '1' },
    );
    break;
  case 'trainers':
    pullModels(SMALL.slice(0, 1));
    suite('the trainers', [...BESIDE, ...rest], modelEnvironment);
    break;
  default:
    process.stderr.write(
      'usage: npm run check | npm test | npm run test:models | npm run test:trainers | npm run docs\n',
    );
    process.exit(2);
}
finish(0);
