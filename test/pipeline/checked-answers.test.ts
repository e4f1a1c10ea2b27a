import { describe, expect, it } from 'vitest';
import { CadreError } from '../../src/core/errors.ts';
import { citationsOf, eventsOf, receiptOf, shownText, theOnly, typesOf } from './readings.ts';
import { PUMP } from './scripted-knowledge.ts';
import { type Script, WAIT } from './scripted-model.ts';
import { ask, callOf, openWorld } from './scripted-parts.ts';

const QUESTION = 'How much does the Halvard 300 pump weigh?';
const RIGHT = 'The pump weighs 84 kg without its base plate. [3]';
const WRONG = 'The pump weighs 97 kg without its base plate. [3]';
const crash = new CadreError('worker_crashed', 'the process stopped');

function groundedWorld(models: Readonly<Record<string, Script>>, sentences = PUMP) {
  return openWorld({ models, collections: { manual: { sentences } } });
}

describe('an unchecked answer of a named spoke', () => {
  it('is shown piece by piece, before the model has gone on', async () => {
    const world = await openWorld({ models: { small: ['Good ', WAIT] } });
    const stop = new AbortController();
    const shown: string[] = [];
    for await (const event of world.pipeline.ask(callOf('small', 'Hi!'), stop.signal)) {
      if (event.type !== 'text-delta') continue;
      shown.push(event.text);
      expect(world.calls[0]?.end).toBeUndefined();
      stop.abort();
    }
    expect(shown).toEqual(['Good ']);
  });

  it('is asked of the fallback where the spoke fails before its first word', async () => {
    const world = await openWorld({ models: { small: [crash], large: ['Hello.'] } });
    const events = await ask(world, 'small', 'Hi!');
    expect(shownText(events)).toBe('Hello.');
    expect(receiptOf(events).attempts).toMatchObject([
      { spoke: 'small', outcome: 'failed', code: 'worker_crashed' },
      { spoke: 'large', outcome: 'released', cause: 'fallback' },
    ]);
  });

  it('is never asked again once a word was shown, or for what the checks say of it', async () => {
    const world = await openWorld({ models: { small: ['Hel', crash], large: ['Hello.'] } });
    const events = await ask(world, 'small', 'Hi!');
    expect(theOnly(events, 'request-failed').code).toBe('worker_crashed');
    const other = await openWorld({ models: { small: ['I cannot help.'], large: ['Hello.'] } });
    expect(shownText(await ask(other, 'small', 'Hi!'))).toBe('I cannot help.');
    for (const { calls } of [world, other])
      expect(calls.map((call) => call.spoke)).toEqual(['small']);
  });
});

describe('an answer from documents', () => {
  it('that breaks off after a shown sentence comes whole from the next spoke to whom it fits', async () => {
    const models = { grounded: [`${RIGHT} And`, crash], 'grounded-large': [RIGHT] };
    const streamed = await ask(await groundedWorld(models), 'knowledge:manual', QUESTION);
    expect(theOnly(streamed, 'request-failed').code).toBe('worker_crashed');
    const world = await groundedWorld(models);
    const whole = await ask(world, 'knowledge:manual', QUESTION, { whole: true });
    expect(eventsOf(whole, 'text-delta')).toHaveLength(1);
    expect(shownText(whole)).toContain('84 kg');
    expect(receiptOf(whole).attempts.map((one) => one.spoke)).toEqual([
      'grounded',
      'grounded-large',
    ]);
  });

  it('is released sentence by sentence, each with its own citations', async () => {
    const second = ' The seal kit has the part number HV-SK-17. [2]';
    const world = await groundedWorld({ grounded: [...RIGHT, ...second] });
    const events = await ask(world, 'knowledge:manual', QUESTION);
    const deltas = eventsOf(events, 'text-delta');
    expect(deltas).toHaveLength(2);
    expect(deltas.map((one) => one.citations?.map((citation) => citation.sentence.number))).toEqual(
      [[3], [2]],
    );
    const text = shownText(events);
    for (const { answerStart, answerEnd, sentence } of citationsOf(events))
      expect(text.slice(answerStart, answerEnd)).toBe(sentence.text);
    const cited = receiptOf(events).sources.filter((one) => one.cited);
    expect(cited.map((one) => one.start)).toEqual([200, 400]);
  });

  it('goes to the next rung before anything is shown when its first sentence has no support', async () => {
    const world = await groundedWorld({ grounded: [WRONG, ' More.'], 'grounded-large': [RIGHT] });
    const events = await ask(world, 'knowledge:manual', QUESTION);
    const escalated = theOnly(events, 'route-escalated');
    expect(escalated).toMatchObject({ from: 'grounded', to: 'grounded-large' });
    const types = typesOf(events);
    expect(types.indexOf('route-escalated')).toBeLessThan(types.indexOf('text-delta'));
    expect(shownText(events)).toBe('The pump weighs 84 kg without its base plate.');
    expect(receiptOf(events).attempts.map(({ spoke, outcome }) => ({ spoke, outcome }))).toEqual([
      { spoke: 'grounded', outcome: 'escalated' },
      { spoke: 'grounded-large', outcome: 'released' },
    ]);
    expect(world.leases.map((lease) => lease.releases)).toEqual([1, 1]);
  });

  it('is declined with the nearest passages when no rung holds', async () => {
    const world = await groundedWorld({ grounded: [WRONG], 'grounded-large': [WRONG] });
    const events = await ask(world, 'knowledge:manual', QUESTION);
    const { abstention } = theOnly(events, 'answer-abstained');
    expect(abstention.nearest[0]?.sentences.map((one) => one.text)).toEqual(PUMP);
    expect(shownText(events)).toBe('');
    expect(receiptOf(events)).toMatchObject({ outcome: 'abstained', finishReason: 'stop' });
    expect(receiptOf(events).attempts.map((one) => one.outcome)).toEqual([
      'escalated',
      'abstained',
    ]);
  });

  it('ends every choice that was asked for when it is declined', async () => {
    const world = await groundedWorld({ grounded: [WRONG], 'grounded-large': [WRONG] });
    const events = await ask(world, 'knowledge:manual', QUESTION, { request: { choiceCount: 3 } });
    const ends = events.filter((event) => event.type === 'choice-ended');
    expect(ends.map((event) => event.choice)).toEqual([0, 1, 2]);
  });

  it('is declined when the spoke says that the documents do not hold it', async () => {
    const declines = ['NOT IN DOCUMENTS'];
    const world = await groundedWorld({ grounded: declines, 'grounded-large': declines });
    const events = await ask(world, 'knowledge:manual', QUESTION);
    expect(theOnly(events, 'answer-ended').receipt.outcome).toBe('abstained');
  });

  it('is declined without calling a model when the collection has no passages', async () => {
    const world = await groundedWorld({ grounded: [RIGHT] }, []);
    const events = await ask(world, 'knowledge:manual', QUESTION);
    expect(theOnly(events, 'answer-abstained').abstention.reason).toContain('manual');
    expect(world.calls).toEqual([]);
    expect(world.leases).toEqual([]);
  });

  it('keeps what was shown when a later sentence has no support, and leaves that one out', async () => {
    const world = await groundedWorld({
      grounded: [RIGHT, ' The pump costs 4,900 euros in Norway. [1]', ` ${PUMP[1]} [2]`],
      'grounded-large': [RIGHT],
    });
    const events = await ask(world, 'knowledge:manual', QUESTION);
    expect(shownText(events)).toBe(`${PUMP[2]} ${PUMP[1]}`);
    expect(typesOf(events)).toContain('check-failed');
    expect(typesOf(events)).not.toContain('route-escalated');
    expect(world.calls.map((call) => call.spoke)).toEqual(['grounded']);
    for (const { answerStart, answerEnd, sentence } of citationsOf(events))
      expect(shownText(events).slice(answerStart, answerEnd)).toBe(sentence.text);
  });

  it('is only given to readers of the collection', async () => {
    const world = await openWorld({
      models: { grounded: [RIGHT] },
      collections: { manual: { sentences: PUMP, principals: ['staff'] } },
    });
    const asked = await ask(world, 'knowledge:manual', QUESTION);
    expect(theOnly(asked, 'request-failed').code).toBe('collection_not_found');
    expect(world.calls).toEqual([]);
    const caller = { key: 'key_staff', principals: ['public', 'staff'], keepsText: false };
    const answered = await ask(world, 'knowledge:manual', QUESTION, { caller, id: 'req_staff' });
    expect(shownText(answered)).toContain('84 kg');
  });
});

describe('a model that dies', () => {
  it('before the first shown byte: the next rung answers', async () => {
    const world = await groundedWorld({
      grounded: ['The pump', crash],
      'grounded-large': [RIGHT],
    });
    const events = await ask(world, 'knowledge:manual', QUESTION);
    expect(theOnly(events, 'route-escalated').reason).toBe('the process stopped');
    expect(shownText(events)).toContain('84 kg');
    expect(receiptOf(events).attempts.map((one) => one.outcome)).toEqual(['failed', 'released']);
  });

  it('before the first byte on every rung: the last trouble is told', async () => {
    const world = await groundedWorld({ grounded: [crash], 'grounded-large': [crash] });
    const events = await ask(world, 'knowledge:manual', QUESTION);
    expect(theOnly(events, 'request-failed').code).toBe('worker_crashed');
    expect(typesOf(events)).not.toContain('answer-abstained');
  });

  it('of a cause that trying again does not mend: no other rung is asked', async () => {
    const damaged = new CadreError('model_damaged', 'the file is damaged');
    const world = await groundedWorld({ grounded: [damaged], 'grounded-large': [RIGHT] });
    const events = await ask(world, 'knowledge:manual', QUESTION);
    expect(theOnly(events, 'request-failed').code).toBe('model_damaged');
    expect(world.calls).toHaveLength(1);
  });

  it.each(['grounded', 'small'])(
    'after the first shown byte of %s: never a clean end',
    async (id) => {
      const world = await groundedWorld({
        grounded: [`${RIGHT} `, 'The seal', crash],
        small: ['The pump weighs', crash],
        'grounded-large': [RIGHT],
        large: ['84 kg.'],
      });
      const name = id === 'grounded' ? 'knowledge:manual' : id;
      const events = await ask(world, name, QUESTION);
      expect(shownText(events)).not.toBe('');
      expect(theOnly(events, 'request-failed').code).toBe('worker_crashed');
      for (const type of ['choice-ended', 'answer-ended', 'route-escalated', 'answer-abstained'])
        expect(typesOf(events)).not.toContain(type);
      expect(receiptOf(events).outcome).toBe('failed');
      expect(world.leases.map((lease) => lease.releases)).toEqual([1]);
    },
  );
});

describe('a cascade without documents', () => {
  it('asks the next spoke when the first one refuses', async () => {
    const world = await openWorld({
      models: {
        small: ["I'm sorry, but I cannot help with that."],
        large: ['Good morning to you.'],
      },
    });
    const events = await ask(world, 'auto', 'Hello there, good morning!');
    expect(theOnly(events, 'route-escalated')).toMatchObject({ from: 'small', to: 'large' });
    expect(shownText(events)).toBe('Good morning to you.');
  });

  it('shows and names the refusal of the last spoke instead of hiding it', async () => {
    const refusal = "I'm sorry, but I cannot help with that.";
    const world = await openWorld({ models: { small: [refusal], large: [refusal] } });
    const events = await ask(world, 'auto', 'Hello there, good morning!');
    expect(shownText(events)).toBe(refusal);
    expect(eventsOf(events, 'check-failed').map((one) => one.result.check)).toContain('refusal');
    expect(theOnly(events, 'choice-ended').finishReason).toBe('stop');
  });
});
