// The project's own tasks: check (fast), test (everything), models (all starter models), docs.
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);
/** Suites that need neither weights nor a browser nor Postgres. */
const SLOW = ['test/needs-models/**', 'test/e2e/**', 'test/contracts/store-postgres.test.ts'];

function run(
  title: string,
  program: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): void {
  process.stderr.write(`\n▸ ${title}\n`);
  const result = spawnSync(program, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

const cadre = ['--disable-warning=ExperimentalWarning', join(root, 'src', 'cli', 'cadre.ts')];
const testHome =
  process.env['CADRE_TEST_HOME'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(process.env['HOME'] ?? root, '.cache'), 'cadre-test');

const testEnvironment = { CADRE_TEST_HOME: testHome, CADRE_TEST_MODELS: join(testHome, 'models') };

function check(): void {
  run('format and lint', bin('biome'), ['check', '--error-on-warnings', '.']);
  run('types', bin('tsc'), ['-p', '.']);
  run('types of the console', bin('tsc'), ['-p', 'console']);
  run('architecture and unit tests', bin('vitest'), [
    'run',
    ...SLOW.flatMap((glob) => ['--exclude', glob]),
  ]);
}

/** Fetches the pinned models that the tests use; without a network the tests say what they skip. */
function pullModels(ids: readonly string[]): void {
  process.stderr.write(`\n▸ models for the tests → ${testHome}\n`);
  const result = spawnSync(process.execPath, [...cadre, 'pull', ...ids], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, CADRE_HOME: testHome },
  });
  if (result.status !== 0 && process.env['CI']) process.exit(result.status ?? 1);
}

const SMALL = [
  'smollm2-135m-instruct-q4_1',
  'qwen2.5-coder-0.5b-instruct-q4_k_m',
  'bge-small-en-v1.5-q',
];

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
    pullModels(SMALL);
    run(
      'models, Postgres and the browser',
      bin('vitest'),
      ['run', ...SLOW.map((glob) => glob.replace('/**', '')), ...rest],
      testEnvironment,
    );
    break;
  case 'models':
    pullModels([...SMALL, 'qwen2.5-coder-1.5b-instruct-q4_k_m']);
    run('everything on all starter models', bin('vitest'), ['run', 'test/needs-models', ...rest], {
      CADRE_TEST_HOME: testHome,
      CADRE_TEST_ALL: '1',
    });
    break;
  default:
    process.stderr.write('usage: npm run check | npm test | npm run test:models | npm run docs\n');
    process.exit(2);
}
