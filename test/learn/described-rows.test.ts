import { describe, expect, it } from 'vitest';
import {
  labelAnswered,
  labellingMessages,
  labelSchema,
  writingMessages,
} from '../../src/learn/described-prompts.ts';
import { candidatesOf, DescribedRows } from '../../src/learn/described-rows.ts';

const description = {
  text: 'messages to the help desk of a bank',
  labels: ['card_arrival', 'lost_card', 'exchange_rate'],
};

describe('rows that a model writes by a description', () => {
  it('reads the lines of an answer without what models put around them', () => {
    const answer =
      'Sure, here are 4 texts:\nCertainly! Below are texts that differ.\n\n1. Where is my card?\n- "It has not come"\n3) 3 weeks and no card…\n  • any news?  \n24 days of waiting now\n';
    expect(candidatesOf(answer)).toEqual([
      'Where is my card?',
      'It has not come',
      '3 weeks and no card…',
      'any news?',
      '24 days of waiting now',
    ]);
  });

  it('keeps what is new, of a form, and not measured on', () => {
    const rows = new DescribedRows(description.labels, 10, 2);
    rows.addTest('how long does a new card take to come to my house');
    const long =
      'i went abroad last week and paid for a hotel and the rate that you took was worse than the one on your page';
    rows.addTest(long);
    rows.keep({ text: 'where is the card that I ordered two weeks ago', label: 'card_arrival' });
    expect(rows.problemOf('When will my new card be here?')).toBeUndefined();
    expect(rows.problemOf('Where is the card that I ordered three weeks ago?')).toBe('same');
    expect(rows.problemOf('How long does a new card take to come to my home')).toBe('test');
    expect(rows.problemOf(`So yesterday ${long.slice(2)} and I am angry, give it back now`)).toBe(
      'test',
    );
    for (const bad of [
      'card',
      'Card arrival.',
      'Label: lost card',
      'this is card_arrival',
      'x '.repeat(300),
    ])
      expect(rows.problemOf(bad), bad).toBe('form');
    rows.reject({ text: 'card', label: 'card_arrival' }, 'form');
    expect(rows.rejected).toMatchObject([{ count: 1, samples: ['card_arrival: “card”'] }]);
  });

  it('asks for other lengths, tones and situations each time, and for hard neighbours', () => {
    const lastOf = (turn: number, known: readonly string[] = []) => {
      const messages = writingMessages(description, 'lost_card', { turn, known, seed: 1 });
      return JSON.stringify(messages.at(-1)?.content);
    };
    const wishes = Array.from({ length: 9 }, (_, turn) => lastOf(turn));
    expect(new Set(wishes).size).toBe(9);
    for (const wish of wishes) expect(wish).toContain('Topic: lost card');
    // Other labels are named where a hard neighbour is wanted, and nowhere else.
    const neighbours = wishes.filter((one) => /card arrival|exchange rate/.test(one));
    expect(neighbours).toHaveLength(3);
    for (const one of neighbours) expect(one).toContain('without doubt');
    expect(lastOf(4, ['a known text'])).toContain('Unlike these:\\na known text');
  });

  it('asks for the label without a word of what the text was written for', () => {
    const messages = labellingMessages(description, 'where is it');
    expect(messages).toEqual(labellingMessages({ ...description }, 'where is it'));
    expect(labelSchema(description.labels)).toMatchObject({
      properties: {
        topic: { enum: ['card arrival', 'lost card', 'exchange rate', 'none of these'] },
      },
    });
    expect(labelAnswered(description.labels, '{"topic":"lost card"}')).toBe('lost_card');
    expect(labelAnswered(description.labels, '{"topic":"none of these"}')).toBeUndefined();
    expect(labelAnswered(description.labels, 'lost card')).toBeUndefined();
  });
});
