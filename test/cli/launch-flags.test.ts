import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const bootstrap = resolve(import.meta.dirname, '../../bin/bootstrap.js');

/** What the launcher's own module says, in a Node of its own. */
function run(code: string, options = ''): readonly string[] {
  const program = `import { flagsBeside, hand } from ${JSON.stringify(bootstrap)}; ${code}`;
  const env = { ...process.env, NODE_OPTIONS: options };
  const flags = ['--input-type=module', '-e', program];
  return JSON.parse(execFileSync(process.execPath, flags, { env, encoding: 'utf8' }));
}

const YOUNG = '--max-semi-space-size=16';

describe('the flags that Node is started with', () => {
  it.each([
    ['', true, true],
    ['--max-old-space-size=900', true, true],
    ['--max-semi-space-size=64', false, true],
    ['--max_semi_space_size=64 --trace-warnings', false, true],
    ['--max-semi-space-size 64', false, true],
    ['--maglev', true, false],
    ['--no_maglev', true, false],
  ])('beside “%s” leave what the user has set', (own, hasYoung, hasMaglev) => {
    const flags = run(`console.log(JSON.stringify(flagsBeside(${JSON.stringify(own)})))`);
    expect([flags.includes(YOUNG), flags.includes('--no-maglev')]).toEqual([hasYoung, hasMaglev]);
  });

  it('are those of the running program', () => {
    const code = "hand(process.execPath, ['-p', 'JSON.stringify(process.execArgv)'])";
    expect(run(code)).toContain(YOUNG);
    expect(run(code, '--max_semi_space_size=64')).not.toContain(YOUNG);
  });
});
