import { describe, expect, it } from 'vitest';
import { textPart } from '../../src/core/chat.ts';
import { ask, chosen, decide, rejectionOf, spoke } from './farm.ts';

const LABELS = ['card_arrival', 'lost_card', 'Refund not showing up', 'card'];
const triage = spoke('triage', {
  kind: 'classifier',
  modelId: 'classifier:triage@1',
  labels: LABELS,
  secondsPerToken: 0,
  secondsPerPromptToken: 0.00001,
  measured: { rate: 0.94, rows: 1500 },
});
const spokes = [spoke('general'), spoke('coder', { tasks: ['code'] }), triage];

const instructed = (system: string, user = 'how do I get my money back') =>
  ask(user, {
    messages: [
      { role: 'system', content: textPart(system) },
      { role: 'user', content: textPart(user) },
    ],
  });

const LINES = LABELS.map((label) => `- ${label}: messages about it`).join('\n');

describe('a classifier whose labels the instructions list', () => {
  it.each([
    ['one after the other', `Classify the message. Labels: ${LABELS.toReversed().join(', ')}.`],
    ['with “or”', 'Which of card, card_arrival, lost_card or "Refund not showing up" is it?'],
    ['as an array', `Answer with one label of ${JSON.stringify(LABELS)} and nothing else.`],
    ['as lines', `You sort messages.\n\nCategories:\n${LABELS.join('\n')}\n\nAnswer with one.`],
    ['with a line about each', `You assign a topic to a message:\n${LINES}\nGive the topic alone.`],
  ])('is chosen, as sure as it was measured: %s', (_, system) => {
    const decision = chosen(instructed(system), { spokes });
    expect(decision.spoke).toBe('triage');
    expect(decision.chosen.probability).toBeCloseTo(0.94, 6);
  });

  it.each([
    ['one label less', 'Classify the message: card, card_arrival, lost_card.'],
    ['one label more', `Classify the message: ${LABELS.join(', ')}, exchange_rate.`],
    ['one label more in front', `Classify the message: exchange_rate, ${LABELS.join(', ')}.`],
    ['one label more between', `Classify: ${LABELS.join(', ').replace(', lost', ', fees, lost')}.`],
    ['one line more', `Classify the message:\n${LINES}\n- exchange_rate: rates\nOne topic.`],
    ['another way of writing', `Classify the message: ${LABELS.join(', ').toUpperCase()}.`],
    ['a reason as well', `Classify the message: ${LABELS.join(', ')}. Explain your choice.`],
    ['JSON', `Classify the message: ${LABELS.join(', ')}. Answer as JSON {"topic": …}.`],
    ['all that fit', `Give the labels that apply: ${LABELS.join(', ')}.`],
    ['a poem', `Write a short poem about one of these topics: ${LABELS.join(', ')}.`],
    [
      'what an agent knows',
      `You are the support agent. Topics that customers write about: ${LABELS.join(', ')}.`,
    ],
    ['a draft', `Draft a reply to the message. Its category is one of: ${LABELS.join(', ')}.`],
    ['an answer as well', `Classify into ${LABELS.join(', ')}. Then answer the customer.`],
    ['an answer beside', `Classify into ${LABELS.join(', ')} and answer the customer.`],
    [
      'digits',
      `Labels: ${LABELS.map((label, at) => `${at + 1}. ${label}`).join(' ')}. Answer with the digit only.`,
    ],
    ['an order', `Rank the categories ${LABELS.join(', ')}.`],
    ['several', `List all labels that fit: ${LABELS.join(', ')}.`],
    ['capitals', `Classify the message in upper case: ${LABELS.join(', ')}.`],
    ['words of another language', `Labels: ${LABELS.join(', ')}. Begründe deine Wahl.`],
    ['no label', `You know of ${LABELS.join(', ')}. Be kind to the customer.`],
  ])('is not asked for %s', (_, system) => {
    expect(rejectionOf(decide(instructed(system), { spokes }), 'triage')?.code).toBe('not-suited');
  });

  it.each([
    `You are an intent classifier for a bank. Classify the customer message into exactly one of the following intents: ${LABELS.join(', ')}. Respond with only the intent name. Do not explain.`,
    `Your task is to classify a message. The labels are:\n${LINES}\n\nAnswer with the label and nothing else.`,
    `Determine the topic of the text. Options: ${LABELS.join(' | ')}. Output just the topic.`,
  ])('is chosen by what people write: %s', (system) => {
    expect(chosen(instructed(system), { spokes }).spoke).toBe('triage');
  });

  it('is not asked again in the middle of a conversation', () => {
    const { messages, ...rest } = instructed(`Classify the message: ${LABELS.join(', ')}.`);
    const [system, user] = messages;
    if (system === undefined || user === undefined) throw new Error('two messages');
    const answer = { role: 'assistant' as const, content: textPart('card') };
    const more = { role: 'user' as const, content: textPart('Are you sure?') };
    const request = { ...rest, messages: [system, user, answer, more] };
    expect(chosen(request, { spokes }).spoke).toBe('general');
  });

  it('reads long instructions without searching them over and over', () => {
    const wide = `label ${' "'.repeat(7000)}x ${LABELS.join(', ')}`;
    const many = `${'card '.repeat(3000)}\n${LABELS.join('\n')}`;
    // With a search that begins anew at each place these take minutes.
    for (let round = 0; round < 50; round += 1)
      for (const system of [wide, many]) decide(instructed(system), { spokes });
  });

  it('is not taken for every question with yes or no', () => {
    const spam = { ...triage, id: 'spam', labels: ['yes', 'no'] };
    const request = instructed('Answer with one of these labels: yes, no.', 'Is Oslo in Norway?');
    expect(chosen(request, { spokes: [spoke('general'), spam] }).spoke).toBe('general');
  });
});
