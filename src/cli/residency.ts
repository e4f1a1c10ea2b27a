import { setTimeout as pause } from 'node:timers/promises';
import type { ModelStatus } from '../core/catalogue.ts';
import type { FarmClient } from '../core/farm-client.ts';
import { type Command, type CommandInput, UsageError, withFarm } from './command.ts';
import { note, ProgressLine, print, printJson, safe } from './terminal.ts';

/** How often a model that is being loaded is looked at. */
const LOOK_MS = 300;

type Deed = 'load' | 'unload' | 'pin' | 'unpin';

interface Words {
  readonly summary: string;
  /** Said when it was done, and when there was nothing to do. */
  readonly done: string;
  readonly idle: string;
}

const DEEDS: Readonly<Record<Deed, Words>> = {
  load: {
    summary: 'load a model before anybody asks it',
    done: 'is in memory',
    idle: 'is in memory',
  },
  unload: {
    summary: 'take an idle model out of memory',
    done: 'is out of memory',
    idle: 'was not in memory',
  },
  pin: {
    summary: 'load a model and keep it in memory until the farm stops (fleet.pinned: always)',
    done: 'is in memory and stays',
    idle: 'is in memory and stays',
  },
  unpin: {
    summary: 'let a pinned model give way again',
    done: 'may give way again',
    idle: 'was not pinned',
  },
};

function residencyCommand(name: Deed): Command {
  const { summary } = DEEDS[name];
  return {
    name,
    summary,
    usage: 'MODEL | DESTINATION/MODEL',
    mostWords: 1,
    example: `cadre ${name} smollm2-135m-instruct-q4_1`,
    flags: {},
    run: (input) => run(name, input),
  };
}

export const loadCommand = residencyCommand('load');
export const unloadCommand = residencyCommand('unload');
export const pinCommand = residencyCommand('pin');
export const unpinCommand = residencyCommand('unpin');

/** Shows how far a model is until it is there; what became of it the request says. */
async function showLoading(
  client: FarmClient,
  id: string,
  sending: Promise<unknown>,
  caller: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([caller, over.signal]);
  const line = new ProgressLine();
  sending.catch(() => undefined).finally(() => over.abort());
  try {
    for (;;) {
      await pause(LOOK_MS, undefined, { signal });
      const { models } = (await client.doGet('/cadre/v1/models', { signal })) as {
        models: ModelStatus[];
      };
      const model = models.find((one) => one.id === id);
      if (model?.loadedShare !== undefined) line.update(`loading ${id}`, model.loadedShare, 1);
      else if (model?.queuedRequests) line.update(`${id} waits for memory`, 0, 1);
    }
  } catch {
    // It is over, or nothing can be learnt of it: the request itself tells how it ended.
  } finally {
    line.end();
  }
}

async function run(deed: Deed, input: CommandInput): Promise<number> {
  const [id] = input.words;
  if (id === undefined) throw new UsageError('name the model; `cadre models` lists them');
  return withFarm(input, async (client) => {
    // What a server of its own has in memory stays there.
    if (client.where === 'own-process' && !id.includes('/'))
      note('no farm is running: what is done here ends with this command; `cadre up` starts one');
    const path = `/cadre/v1/models/${encodeURIComponent(id)}/${deed}`;
    const sending = client.doSend('POST', path, {}, { signal: input.signal });
    if (!input.json && (deed === 'load' || deed === 'pin'))
      await showLoading(client, id, sending, input.signal);
    const answer = (await sending) as Record<string, boolean>;
    if (input.json) printJson({ id, ...answer });
    else {
      const { done, idle } = DEEDS[deed];
      print(`${safe(id)} ${Object.values(answer)[0] === true ? done : idle}`);
    }
    return 0;
  });
}
