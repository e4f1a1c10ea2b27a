import { stderr, stdin } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { citationLines, summaryLine } from './answer-text.ts';
import { streamAnswer } from './ask.ts';
import { type Command, textFlag, withFarm } from './command.ts';
import { note, paint, print, printJson } from './terminal.ts';

export const chatCommand: Command = {
  name: 'chat',
  summary: 'talk with the farm; an empty line or Ctrl-D ends it',
  usage: '',
  mostWords: 0,
  example: 'cadre chat --in handbook',
  flags: {
    in: { type: 'string', value: 'NAME', description: 'answer only from this collection' },
    model: { type: 'string', value: 'NAME', description: 'auto (default) or a spoke' },
  },
  run: (input) =>
    withFarm(input, async (client) => {
      const collection = textFlag(input, 'in');
      const model = textFlag(input, 'model') ?? (collection ? `knowledge:${collection}` : 'auto');
      const session = `chat-${process.pid}-${Date.now().toString(36)}`;
      const messages: { role: string; content: string }[] = [];
      const isTerminal = stdin.isTTY === true;
      const lines = createInterface({
        input: stdin,
        output: stderr,
        prompt: paint('bold', '› ', stderr),
      });
      // Piped lines may have ended long before they are answered, and then nobody is to be prompted.
      const prompt = () => {
        if (isTerminal) lines.prompt();
      };
      prompt();
      for await (const line of lines) {
        if (line.trim() === '') {
          if (isTerminal) break;
          continue;
        }
        messages.push({ role: 'user', content: line });
        const answer = await streamAnswer(
          client,
          { model, messages, session, ...(collection ? { collection } : {}) },
          input.signal,
          input.json,
        );
        if (answer.text !== '') messages.push({ role: 'assistant', content: answer.text });
        if (input.json) printJson(answer);
        else {
          for (const text of citationLines(answer)) print(text);
          if (answer.receipt) note(paint('dim', summaryLine(answer.receipt), stderr));
        }
        prompt();
      }
      lines.close();
      return 0;
    }),
};
