import type { Grammar } from './grammar.ts';

/** Programs put the order into the system prompt and send bare material: `order¦message`. */
export const SYSTEM_ORDERS: Grammar = {
  systemLead: [
    '',
    '',
    'You are a helpful assistant. ',
    'You are ‹a|an expert› ‹role›. ',
    'You work for ‹surname› Ltd. ',
    'You are part of a program. ',
  ],
  everyInput: [
    'every message',
    'the user’s message',
    'what the user sends',
    'each text',
    'the input',
    'the text that follows',
  ],
  'rewrite in system': [
    'Translate ‹everyInput› ‹in|›to ‹tongue›.¦‹rough›',
    'Rewrite ‹everyInput› ‹rewriteAim›.¦‹rough›',
    'You correct ‹spelling|grammar|the style› of ‹everyInput›. Answer with the corrected text only.¦‹rough›',
    'You translate from ‹tongue› to ‹tongue›.¦‹anySentence›',
    'Make ‹everyInput› sound ‹tone›.¦‹rough›',
  ],
  'summarise in system': [
    '‹^sumAny› ‹everyInput› ‹sumLimit›.¦‹sumText›',
    'Your job is to ‹sumAny› ‹everyInput›.¦‹sumText›',
    'You write ‹summaries|abstracts|minutes› of ‹what the user sends|long texts›.¦‹sumText›',
  ],
  'code in system': [
    'You are a programming assistant. Answer with ‹language› code only.¦‹functionGoal›',
    'You write ‹language›. Explain nothing.¦‹code›',
    'Complete the code.¦‹stub›',
    'You review code.¦‹snippet›',
  ],
  'arithmetic in system': [
    'You solve ‹word problems|equations|maths exercises›. ‹Think step by step.|Answer with the number only.›¦‹arithmetic›',
    'You are a calculator.¦‹sum›',
  ],
  'multiple-choice in system': [
    'Answer with the letter of the right option.¦‹stem›\n‹options›',
    'You take an exam in ‹field›. Choose one option.¦‹stem›\n\n‹options›',
  ],
  'extract in system': [
    'Extract ‹exFields› from ‹everyInput› ‹as JSON|and answer in JSON›.¦‹recordText›',
    'Return JSON with the keys ‹exKeys›.¦‹recordText›',
    'You turn ‹mails|invoices|notes› into structured data with the fields ‹exKeys›.¦‹recordText›',
  ],
  'classify in system': [
    'Classify ‹everyInput› as one of: ‹labels›. ‹Answer with the label only.|›¦‹complaint›',
    'You sort ‹mails|tickets|reviews|messages› into ‹labels›.¦‹complaint›',
    'Say whether ‹everyInput› is positive or negative.¦‹complaint›',
    'You detect the ‹intent|sentiment|topic› of ‹everyInput›.¦‹complaint›',
  ],
  'question in system': [
    'You are an encyclopedia.¦‹^worldFact›?',
    'Answer questions in one sentence.¦‹quiz›',
    'You are a quiz champion. Answer briefly.¦‹quiz›',
  ],
  'document-question in system': [
    'Answer only from the company’s documents.¦‹^docAsk›?',
    'You answer questions about our ‹document›.¦‹^docAsk›?',
  ],
  'reading in system': [
    'Answer questions about the text that the user sends‹, and only from it|›.¦‹readText›\n\n‹readAsk›',
    'You get a ‹readThing› and a question. ‹readShort›¦‹readText›\nQuestion: ‹readAsk›',
    'Use the given context. ‹readShort›¦Context: ‹readText›\n\n‹readAsk›',
  ],
  'write in system': [
    'You are a ‹poet|novelist|copywriter|speech writer›.¦‹write›',
    'You draft replies to customers. Write the answer to ‹everyInput›.¦‹complaint›',
  ],
  'multi-part in system': [
    'You are an office assistant who does what is asked, step by step.¦‹multi-part›',
  ],
  'reason in system': ['You solve logic puzzles. Think step by step.¦‹reason›'],
};
