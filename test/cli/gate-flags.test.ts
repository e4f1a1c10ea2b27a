import { describe, expect, it } from 'vitest';
import { type Flags, helpText, mergeFlags, UsageError } from '../../src/cli/command.ts';
import { gateCommand } from '../../src/cli/gate.ts';
import { fitFlags } from '../../src/cli/gate-fit.ts';
import { rowsFlags } from '../../src/cli/gate-rows.ts';
import { shadowFlags } from '../../src/cli/gate-shadow.ts';

/** What `cadre gate` says of wrong use, before it reaches a farm. */
async function refusal(words: readonly string[], flags: Flags = {}): Promise<string> {
  const run = gateCommand.run({
    words,
    flags,
    json: true,
    signal: new AbortController().signal,
    connect: () => Promise.reject(new Error('the farm was reached')),
  });
  const error: unknown = await run.catch((thrown: unknown) => thrown);
  if (!(error instanceof UsageError)) throw error;
  return error.message;
}

describe('cadre gate', () => {
  it.each([
    [['show', 'x'], /“x” is one word too many$/],
    [['rollback', '77'], /“77” is one word too many$/],
    [['shadow', 'off'], /“off” is one word too many; did you mean --off\?/],
    [['rows', 'out'], /“out” is one word too many; did you mean --out\?/],
    [['use', '1', '2'], /“2” is one word too many$/],
    [['decide', 'one', 'two'], /“two” is one word too many$/],
    [['fit', 'a', 'b'], /“b” is one word too many$/],
  ])('refuses %j', async (words, told) => {
    expect(await refusal(words)).toMatch(told);
  });

  it.each(['', ' ', '1.0', '-1', '0x1', '1e1'])('use takes no “%s” for a number', async (word) => {
    expect(await refusal(['use', word])).toMatch(/^name the gate/);
  });

  it.each(['', ',', ' ', 'a,', ',a'])('shadow takes no spokes “%s” for all', async (spokes) => {
    expect(await refusal(['shadow'], { spokes })).toMatch(/^--spokes needs names/);
  });
});

describe('the flags of several actions', () => {
  it.each([[gateCommand, [fitFlags, rowsFlags, shadowFlags]]])(
    'are all told in the help',
    (command, tables) => {
      for (const [name, flag] of tables.flatMap((table) => Object.entries(table))) {
        const line = helpText(command)
          .split('\n')
          .find((one) => one.startsWith(`  --${name} `));
        expect(line).toContain(flag.description);
        expect(command.flags[name]?.type).toBe(flag.type);
      }
    },
  );

  it('may not be read in two ways', () => {
    const text = { seed: { type: 'string', description: 'a' } } as const;
    const mark = { seed: { type: 'boolean', description: 'b' } } as const;
    expect(() => mergeFlags(text, mark)).toThrow(/--seed/);
  });
});
