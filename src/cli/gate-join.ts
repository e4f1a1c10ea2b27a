import { nearestName } from '../core/nearest.ts';
import { joinGate } from '../main.ts';
import { type CommandInput, UsageError } from './command.ts';
import { putInForce } from './gate-fit.ts';
import { readTraffic } from './gate-rows.ts';
import { spokeIds } from './spoke-ids.ts';
import { note, print, printJson, safeLine } from './terminal.ts';

/** `cadre gate join SPOKE [FILE]`: from some graded requests, the farm's own without a file, to a gate in force that knows the spoke. */
export async function joinGateCommand(input: CommandInput): Promise<number> {
  const [, spoke, named] = input.words;
  if (spoke === undefined)
    throw new UsageError('name the spoke that is to join: `cadre gate join SPOKE [FILE]`');
  await requireSpoke(input, spoke);
  const file = named ?? { text: (await readTraffic(input)).lines.join('\n') };
  if (typeof file !== 'string' && file.text === '')
    throw new UsageError(
      'the farm has no graded requests of its own; name a file of graded requests, JSON lines {"prompt": …, "scores": {"SPOKE": 0 … 1}}',
    );
  if (!input.json) note(`${safeLine(spoke)} joins; nothing is fitted again …`);
  const result = await joinGate({ spoke, file });
  await putInForce(input, result.version);
  if (input.json) {
    printJson({ ...result, inForce: true });
    return 0;
  }
  const { version, rows, withReference, quality, fewRows } = result;
  const [name, reference] = [safeLine(spoke), safeLine(result.reference)];
  print(`${name} is known by ${rows} graded requests`);
  if (quality === undefined)
    print(`none of them grades ${reference} too: such rows tell more of how hard each was`);
  else
    print(
      `quality ${quality.spoke.toFixed(3)}; ${reference} alone ${quality.reference.toFixed(3)} on the ${withReference} that grade both`,
    );
  if (fewRows !== undefined) print(safeLine(fewRows));
  print(
    `\`auto:cheap\` and \`auto:best\` may choose ${name} now. The certificate was made without it: \`auto\` asks it once \`cadre gate certify\` has measured it on other requests`,
  );
  print(`gate ${version} is in force; \`cadre gate rollback\` takes it back`);
  return 0;
}

/** Throws UsageError for what is no spoke of the farm's configuration. */
async function requireSpoke(input: CommandInput, spoke: string): Promise<void> {
  const ids = await spokeIds(input);
  if (ids.includes(spoke)) return;
  const near = nearestName(spoke, ids);
  throw new UsageError(
    `there is no spoke ${safeLine(spoke)}${near ? `; did you mean ${near}?` : `; there are ${ids.join(', ')}`}`,
  );
}
