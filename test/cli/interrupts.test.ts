import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { followInterrupts } from '../../src/cli/interrupts.ts';

function follow() {
  const source = new EventEmitter();
  const ends: number[] = [];
  const clock = { now: 5000 };
  const signal = followInterrupts(source, {
    now: () => clock.now,
    end: (code) => ends.push(code),
  });
  return { source, ends, clock, signal };
}

describe('interrupts', () => {
  it.each(['SIGINT', 'SIGTERM'])('end the command in order after the first %s', (name) => {
    const { source, ends, signal } = follow();
    expect(signal.aborted).toBe(false);
    source.emit(name);
    expect(signal.reason).toMatchObject({ name: 'AbortError' });
    expect(ends).toEqual([]);
  });

  it('that arrive twice are one', () => {
    const { source, ends, clock } = follow();
    source.emit('SIGINT');
    clock.now += 999;
    source.emit('SIGINT');
    source.emit('SIGTERM');
    expect(ends).toEqual([]);
  });

  it('that are repeated on purpose end the process at once', () => {
    const { source, ends, clock } = follow();
    source.emit('SIGINT');
    clock.now += 1000;
    source.emit('SIGINT');
    expect(ends).toEqual([130]);
  });
});

describe('the program that starts the command line', () => {
  it('leaves Ctrl-C to the terminal and passes an order to stop on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cadre-signals-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const told = join(folder, 'told.mjs');
    writeFileSync(
      told,
      `const heard = [];
       process.on('SIGINT', () => heard.push('SIGINT'));
       process.on('SIGTERM', () => {
         console.log(JSON.stringify(heard));
         process.exit(7);
       });
       setInterval(() => {}, 1000);
       console.log('ready');`,
    );
    const starter = join(folder, 'starter.mjs');
    const bootstrap = resolve(import.meta.dirname, '../../bin/bootstrap.js');
    writeFileSync(
      starter,
      `import { hand } from ${JSON.stringify(bootstrap)};
       hand(process.execPath, [${JSON.stringify(told)}]);`,
    );
    const parent = spawn(process.execPath, [starter], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void parent.kill('SIGKILL'));
    let text = '';
    parent.stdout.on('data', (part) => {
      text += part;
      if (text === 'ready\n') {
        parent.kill('SIGINT');
        parent.kill('SIGTERM');
      }
    });
    const code = await new Promise<number | null>((done) => parent.on('close', done));
    expect(text).toBe('ready\n[]\n');
    expect(code).toBe(7);
  });
});
