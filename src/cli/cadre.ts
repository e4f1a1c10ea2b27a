import { toCadreError } from '../core/errors.ts';
import { fileTrouble } from '../core/file-trouble.ts';
import { nearestName } from '../core/nearest.ts';
import { connectFarm, VERSION } from '../main.ts';
import { askCommand } from './ask.ts';
import { batchesCommand } from './batches.ts';
import { benchCommand } from './bench.ts';
import { chatCommand } from './chat.ts';
import { collectionsCommand } from './collections.ts';
import { type Command, findPart, helpText, parseCommand, UsageError } from './command.ts';
import { configCommand } from './config.ts';
import { consoleCommand } from './console.ts';
import { dataCommand } from './data.ts';
import { doctorCommand } from './doctor.ts';
import { evalCommand } from './eval.ts';
import { failureOf } from './failure.ts';
import { gateCommand } from './gate.ts';
import { indexCommand } from './index-documents.ts';
import { followInterrupts } from './interrupts.ts';
import { keysCommand } from './keys.ts';
import { labelCommand } from './label.ts';
import { modelsCommand } from './models.ts';
import { psCommand } from './ps.ts';
import { pullCommand } from './pull.ts';
import { quantiseCommand } from './quantise.ts';
import { loadCommand, pinCommand, unloadCommand, unpinCommand } from './residency.ts';
import { searchCommand } from './search.ts';
import { simCommand } from './sim.ts';
import { stopCommand } from './stop.ts';
import { note, paint, print, printJson, safe } from './terminal.ts';
import { trainCommand } from './train.ts';
import { upCommand } from './up.ts';
import { whyCommand } from './why.ts';

const COMMANDS: readonly Command[] = [
  upCommand,
  askCommand,
  chatCommand,
  indexCommand,
  searchCommand,
  collectionsCommand,
  whyCommand,
  modelsCommand,
  trainCommand,
  labelCommand,
  dataCommand,
  pullCommand,
  quantiseCommand,
  psCommand,
  loadCommand,
  unloadCommand,
  pinCommand,
  unpinCommand,
  simCommand,
  batchesCommand,
  consoleCommand,
  keysCommand,
  configCommand,
  gateCommand,
  doctorCommand,
  benchCommand,
  evalCommand,
  stopCommand,
];

function overview(): string {
  const lines = COMMANDS.map((command) => `  ${command.name.padEnd(12)} ${command.summary}`);
  return [
    'cadre — a farm of small models behind one OpenAI-compatible endpoint',
    '',
    ...lines,
    '',
    'cadre COMMAND --help shows flags and an example; cadre --version, which Cadre this is.',
  ].join('\n');
}

/** Runs one command line; resolves to the exit code: 0 ok, 1 failed, 2 wrong use. */
async function runCommandLine(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || name === '--help') {
    print(overview());
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-v' || name === 'version') {
    print(VERSION);
    return 0;
  }
  const named = COMMANDS.find((one) => one.name === name);
  if (named === undefined) {
    const near = nearestName(
      name,
      COMMANDS.map((one) => one.name),
    );
    note(
      `cadre: unknown command “${safe(name)}”${near ? `; did you mean \`cadre ${near}\`?` : ''}\n\n${overview()}`,
    );
    return 2;
  }
  const { command, args: behind } = findPart(named, rest);
  return run(command, behind);
}

async function run(command: Command, args: readonly string[]): Promise<number> {
  const signal = followInterrupts(process, {
    now: () => performance.now(),
    end: (code) => process.exit(code),
  });
  const wantsJson = args.includes('--json');
  try {
    const { words, flags } = parseCommand(command, args);
    if (flags['help']) {
      print(helpText(command));
      return 0;
    }
    return await command.run({
      words,
      flags,
      json: flags['json'] === true,
      signal,
      connect: () => connectFarm({ signal, log: note }),
    });
  } catch (thrown) {
    // Whatever broke off because of Ctrl-C is not a failure of the command.
    return signal.aborted ? 130 : reportFailure(thrown, command, wantsJson);
  }
}

function reportFailure(thrown: unknown, command: Command, wantsJson: boolean): number {
  if (thrown instanceof UsageError) {
    note(
      `cadre ${command.name}: ${safe(thrown.message)}\n  cadre ${command.name} --help shows the flags`,
    );
    return 2;
  }
  const error = fileTrouble(thrown, 'Cadre’s home') ?? toCadreError(thrown);
  if (error.code === 'cancelled') return 130;
  const { isWrongUse, ...failure } = failureOf(error);
  if (wantsJson) printJson({ error: failure });
  else
    note(`${paint('red', 'cadre:', process.stderr)} ${safe(failure.message)}\n  ${failure.hint}`);
  if (error.code === 'internal' && process.stderr.isTTY) note(safe(error.stack ?? ''));
  return isWrongUse ? 2 : 1;
}

// A reader that has seen enough (`| head`) ends the command quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? 0 : 1),
);
process.exitCode = await runCommandLine(process.argv.slice(2));
