import { type Command, mergeFlags, UsageError } from './command.ts';
import { answersEvaluation } from './eval-answers.ts';
import { cacheThresholdEvaluation } from './eval-cache-threshold.ts';
import { conformanceEvaluation } from './eval-conformance.ts';
import { gateEvaluation } from './eval-gate.ts';
import { groundingEvaluation } from './eval-grounding.ts';
import { retrievalEvaluation } from './eval-retrieval.ts';

/** What can be measured on data or servers of the user’s own. */
const EVALUATIONS = [
  conformanceEvaluation,
  cacheThresholdEvaluation,
  gateEvaluation,
  groundingEvaluation,
  answersEvaluation,
  retrievalEvaluation,
];

export const evalCommand: Command = {
  name: 'eval',
  summary: 'measure gateways and data of your own; the last line is RESULT {json}',
  usage:
    'conformance --base-url URL --model NAME | cache-threshold --pairs FILE --out FILE | gate --data FILE | grounding --data FILE | answers --questions FILE --collection NAME | retrieval --corpus DIR',
  mostWords: 1,
  example: 'cadre eval conformance --base-url http://127.0.0.1:4117/v1 --model auto',
  flags: mergeFlags(...EVALUATIONS.map((one) => one.flags)),
  async run(input) {
    const [name] = input.words;
    const names = EVALUATIONS.map((one) => one.name).join(', ');
    if (name === undefined) throw new UsageError(`name what to evaluate: ${names}`);
    const evaluation = EVALUATIONS.find((one) => one.name === name);
    if (evaluation === undefined)
      throw new UsageError(`there is no evaluation “${name}”; there are: ${names}`);
    return evaluation.run(input);
  },
};
