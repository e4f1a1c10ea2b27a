import { describe, expect, it } from 'vitest';
import { findPart, helpText } from '../../src/cli/command.ts';
import { evalCommand } from '../../src/cli/eval.ts';

describe('a command with parts', () => {
  it('finds the part wherever its word stands, and leaves the rest', () => {
    const { command, args } = findPart(evalCommand, [
      '--json',
      'grounding',
      '--data',
      'rows.jsonl',
    ]);
    expect(command.name).toBe('eval grounding');
    expect(args).toEqual(['--json', '--data', 'rows.jsonl']);
  });

  it('is itself where no part is named', () => {
    expect(findPart(evalCommand, ['nonsense']).command).toBe(evalCommand);
    expect(findPart(evalCommand, []).command).toBe(evalCommand);
  });

  it('lists its parts, and each part only its own flags', () => {
    expect(helpText(evalCommand)).toContain('cadre eval retrieval --corpus DIR');
    const part = findPart(evalCommand, ['retrieval']).command;
    expect(helpText(part)).toContain('--legs');
    expect(helpText(part)).not.toContain('--upstream-port');
  });
});
