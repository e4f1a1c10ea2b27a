import { describe, expect, it } from 'vitest';
import { withoutCourtesy } from '../../src/base/courtesy.ts';

describe('withoutCourtesy', () => {
  it('takes greetings, requests for help and thanks off both ends, in many languages', () => {
    const asked = {
      'could you please help me with this? what is lead? thank you very much!': 'what is lead?',
      'hi there!\ni hope you are doing well.\n\nsolve x + 1 = 2\n\nbest regards': 'solve x + 1 = 2',
      'please write a poem': 'write a poem',
      'who sings this song thanks in advance': 'who sings this song',
      'guten tag, könnten sie mir bitte helfen? was ist blei? vielen dank im voraus!':
        'was ist blei?',
      's’il vous plaît, quelle est la capitale ? merci beaucoup': 'quelle est la capitale ?',
      'hola, ¿qué es el plomo? muchas gracias': '¿qué es el plomo?',
      'good day! i was hoping you might be able to assist. name a metal. i appreciate it':
        'name a metal.',
      'pourriez-vous m’aider ? nommez un métal': 'nommez un métal',
      '你好，请问水的沸点是多少？谢谢！': '水的沸点是多少？',
    };
    for (const [text, rest] of Object.entries(asked)) expect(withoutCourtesy(text)).toBe(rest);
  });

  it('leaves what says something, and a text of nothing but courtesy', () => {
    for (const text of [
      'can you fold a paper eight times?',
      'help a farmer who has 12 cows',
      "translate 'good morning' to french",
      'thank you very much',
      'please',
      '42',
      '',
    ])
      expect(withoutCourtesy(text)).toBe(text);
  });

  it('looks at the ends of a long text only', () => {
    const long = 'please, '.repeat(200_000);
    const started = process.cpuUsage().user;
    expect(long.length - withoutCourtesy(long).length).toBeLessThan(200);
    expect(process.cpuUsage().user - started).toBeLessThan(1e6);
  });
});
