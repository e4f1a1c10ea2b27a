import { describe, expect, it } from 'vitest';
import { eventsOf, receiptOf, shownText, theOnly } from './readings.ts';
import { PUMP } from './scripted-knowledge.ts';
import { ask, FARM, FRONTIER, openWorld, VENDOR, type WorldOptions } from './scripted-parts.ts';

const QUESTION = 'What does the Halvard pump weigh?';
const RIGHT = 'The pump weighs 84 kg without its base plate. [3]';
const IBAN = 'Pay to the account DE89 3704 0044 0532 0130 00 within ten days.';
const REMOTE_GROUNDED = { id: 'remote-reader', model: 'vendor/big-70b', kind: 'grounded' };

/** Local spokes fail their checks, so that everything remote that may be asked is asked. */
function openFarm(options: WorldOptions = {}) {
  const wrong = ['The pump weighs 97 kg without its base plate. [3]'];
  const refusal = ["I'm sorry, but I cannot help with that."];
  return openWorld({
    collections: { manual: { sentences: PUMP } },
    ...options,
    models: {
      small: refusal,
      large: refusal,
      grounded: wrong,
      'grounded-large': wrong,
      frontier: [RIGHT],
      'remote-reader': [RIGHT],
      ...options.models,
    },
    config: {
      ...FARM,
      spokes: [
        { ...FARM.spokes[0], fallback: ['frontier'] },
        FARM.spokes[1],
        { ...FARM.spokes[2], fallback: ['remote-reader'] },
        FARM.spokes[3],
        FRONTIER,
        REMOTE_GROUNDED,
      ],
      destinations: [VENDOR],
      ...options.config,
    },
  });
}

const secretManual = { collections: [{ name: 'manual', folder: 'manual', label: 'secret' }] };

describe('the label of evidence', () => {
  it('of a cleared label reaches the remote rung, with a permit that opens the door', async () => {
    const world = await openFarm();
    const events = await ask(world, 'knowledge:manual', QUESTION);
    expect(shownText(events)).toContain('84 kg');
    const remote = world.calls.find((call) => call.spoke === 'remote-reader');
    expect(world.permits.refusal(remote?.permit, 'vendor')).toBeUndefined();
    expect(remote?.permit).toMatchObject({ label: 'internal', requestId: 'req_test' });
    const local = world.calls.filter((call) => call.spoke !== 'remote-reader');
    expect(local.map((call) => call.permit)).toEqual(local.map(() => undefined));
  });

  it.each(['knowledge:manual', 'auto', 'auto:best', 'remote-reader'])(
    'of a secret collection keeps %s on this machine',
    async (model) => {
      const world = await openFarm({ config: secretManual });
      const named = model === 'remote-reader' ? { collection: 'manual' } : {};
      const events = await ask(world, model, QUESTION, named);
      expect(world.knowledge.searched).toEqual(['manual']);
      const remote = ['frontier', 'remote-reader'];
      expect(world.calls.filter((call) => remote.includes(call.spoke))).toEqual([]);
      expect(theOnly(events, 'policy-judged').verdict.label).toBe('secret');
      const rejected = eventsOf(events, 'route-decided').flatMap((one) => one.decision.rejected);
      if (model === 'remote-reader')
        expect(theOnly(events, 'request-failed')).toMatchObject({
          code: 'label_refused',
          message: expect.stringContaining('secret'),
        });
      else
        expect(rejected.find((one) => one.id === 'remote-reader')).toMatchObject({ code: 'label' });
    },
  );

  it('names the collection as its reason', async () => {
    const world = await openFarm({ config: secretManual });
    const { verdict } = theOnly(await ask(world, 'auto', QUESTION), 'policy-judged');
    expect(verdict.labelReasons.join()).toContain('collection');
    expect(verdict.destinations).toContainEqual(
      expect.objectContaining({ destination: 'vendor', allowed: false }),
    );
  });

  it('rises with what stands in a passage', async () => {
    const world = await openFarm({ collections: { manual: { sentences: [...PUMP, IBAN] } } });
    const events = await ask(world, 'knowledge:manual', QUESTION);
    expect(theOnly(events, 'policy-judged').verdict.label).toBe('personal');
    expect(world.calls.map((call) => call.spoke)).toEqual(['grounded']);
    expect(theOnly(events, 'answer-ended').receipt.outcome).toBe('abstained');
  });

  it('does not count where the passage is too weak to be used', async () => {
    const weak = { manual: { sentences: [IBAN], strength: 0.1 } };
    const world = await openFarm({ collections: weak, models: { frontier: ['Good morning.'] } });
    const events = await ask(world, 'auto', QUESTION);
    expect(theOnly(events, 'policy-judged').verdict.label).toBe('internal');
    expect(JSON.stringify(world.calls.map((call) => call.request))).not.toContain('DE89');
  });
});

describe('the label a caller declares', () => {
  it('raises: the named remote spoke is refused', async () => {
    const world = await openFarm();
    const events = await ask(world, 'frontier', 'Hello!', { labelDeclared: 'personal' });
    expect(theOnly(events, 'request-failed').code).toBe('label_refused');
    expect(receiptOf(events).policy?.label).toBe('personal');
    expect(world.calls).toEqual([]);
  });

  it('never lowers', async () => {
    const world = await openFarm();
    const text = `Please check this: ${IBAN}`;
    const events = await ask(world, 'frontier', text, { labelDeclared: 'public' });
    expect(theOnly(events, 'request-failed').code).toBe('label_refused');
    expect(theOnly(events, 'policy-judged').verdict.labelReasons.join()).toContain(
      'lowers nothing',
    );
    expect(world.calls).toEqual([]);
  });

  it('leaves a request for this machine alone', async () => {
    const world = await openFarm({ models: { small: ['Hello.'] } });
    const events = await ask(world, 'small', 'Hello!', { labelDeclared: 'secret' });
    expect(shownText(events)).toBe('Hello.');
  });
});
