import { diagnose } from '../main.ts';
import type { Command } from './command.ts';
import { paint, print, printJson } from './terminal.ts';

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'check what this machine has and lacks for a farm',
  usage: '',
  mostWords: 0,
  example: 'cadre doctor',
  flags: {},
  async run(input) {
    const findings = await diagnose();
    if (input.json) printJson(findings);
    else
      for (const finding of findings) {
        const mark =
          finding.state === 'good'
            ? paint('green', '✓')
            : finding.state === 'optional'
              ? paint('yellow', '○')
              : paint('red', '✗');
        print(`${mark} ${finding.subject}: ${finding.detail}`);
        if (finding.remedy) print(`    ${finding.remedy}`);
      }
    return findings.some((finding) => finding.state === 'bad') ? 1 : 0;
  },
};
