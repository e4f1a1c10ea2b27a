import { type Command, UsageError } from './command.ts';
import { answersEvaluation } from './eval-answers.ts';
import { cacheThresholdEvaluation } from './eval-cache-threshold.ts';
import { conformanceEvaluation } from './eval-conformance.ts';
import { gateEvaluation } from './eval-gate.ts';
import { groundingEvaluation } from './eval-grounding.ts';
import { retrievalEvaluation } from './eval-retrieval.ts';

/** What can be measured on data or servers of the user’s own. */
export const evalCommand: Command = {
  name: 'eval',
  summary: 'measure gateways and data of your own; the last line is RESULT {json}',
  usage: 'WHAT …',
  mostWords: 1,
  example: 'cadre eval grounding --help',
  flags: {},
  parts: [
    conformanceEvaluation,
    cacheThresholdEvaluation,
    gateEvaluation,
    groundingEvaluation,
    answersEvaluation,
    retrievalEvaluation,
  ],
  async run({ words: [name] }) {
    const names = (evalCommand.parts ?? [])
      .map((part) => part.name.replace('eval ', ''))
      .join(', ');
    throw new UsageError(
      name === undefined
        ? `name what to evaluate: ${names}`
        : `there is no evaluation “${name}”; there are: ${names}`,
    );
  },
};
