/**
 * Questions about short invented documents, written for this project, so that no model can have
 * read the answers. `answer` = any of these texts must be in the answer (without case); null = the
 * sentences do not say it. `cites` = sentence numbers (1-based) that hold the answer.
 */
export interface GroundedSet {
  /**
   * Written after the prompt and all checks but one: the two cosine bounds of
   * src/verify/answerable.ts were read off both parts. Reported apart.
   */
  readonly heldOut?: true;
  readonly sentences: readonly string[];
  readonly questions: readonly {
    readonly question: string;
    readonly answer: readonly string[] | null;
    readonly cites?: readonly number[];
  }[];
}

export const GROUNDED_SETS: readonly GroundedSet[] = [
  {
    sentences: [
      'The Halvard 300 pump must be serviced every 1,200 operating hours.',
      'Before service, close the inlet valve and wait ten minutes for the pressure to fall.',
      'The seal kit has the part number HV-SK-17.',
      'Only staff with a blue certificate may open the housing.',
      'The pump weighs 84 kg without its base plate.',
    ],
    questions: [
      {
        question: 'How often does the Halvard 300 need service?',
        answer: ['1,200', '1200'],
        cites: [1],
      },
      { question: 'Which part number does the seal kit have?', answer: ['HV-SK-17'], cites: [3] },
      { question: 'Who may open the housing?', answer: ['blue certificate'], cites: [4] },
      { question: 'How much does the pump cost?', answer: null },
      { question: 'Which oil does the pump need?', answer: null },
    ],
  },
  {
    sentences: [
      'Employees receive 27 days of paid holiday each year.',
      'Up to five unused days may be carried over until the end of March.',
      'Requests for holiday go to the team lead at least two weeks ahead.',
      'Sick leave longer than three days needs a note from a doctor.',
      'Working from abroad is limited to 20 days a year and must be approved by HR.',
    ],
    questions: [
      { question: 'How many days of holiday do I get?', answer: ['27'], cites: [1] },
      {
        question: 'Until when can I use holiday that I carried over?',
        answer: ['march'],
        cites: [2],
      },
      {
        question: 'I want to work from Spain for a while. How many days are allowed?',
        answer: ['20'],
        cites: [5],
      },
      { question: 'How much parental leave does a new father get?', answer: null },
      { question: 'Does the company pay for a gym membership?', answer: null },
    ],
  },
  {
    sentences: [
      'Marta Lindqvist founded the Orre Observatory in 1931 on the island of Senja.',
      'Its first telescope was a refractor with a 40 cm lens built in Jena.',
      'The observatory was closed during the war and opened again in 1947.',
      'In 1958 the astronomer Paul Adeyemi discovered the comet 1958-Orre there.',
      'Since 1990 the building has been a museum.',
    ],
    questions: [
      { question: 'Who founded the Orre Observatory?', answer: ['lindqvist'], cites: [1] },
      { question: 'When was it opened again after the war?', answer: ['1947'], cites: [3] },
      { question: 'What is the building used for today?', answer: ['museum'], cites: [5] },
      { question: 'What did Paul Adeyemi discover?', answer: ['comet'], cites: [4] },
      { question: 'How many people visit the museum each year?', answer: null },
      { question: 'Where was Marta Lindqvist born?', answer: null },
    ],
  },
  {
    sentences: [
      'The command `tarn sync` copies the local folder to the remote store.',
      'Files larger than 2 GB are skipped unless the option --large is given.',
      'The file tarn.toml holds the name of the remote store and the retry count.',
      'By default a failed upload is retried three times.',
      'Set the environment variable TARN_TOKEN before the first sync.',
    ],
    questions: [
      { question: 'How do I upload files larger than 2 GB?', answer: ['--large'], cites: [2] },
      {
        question: 'How many times is a failed upload retried?',
        answer: ['three', '3'],
        cites: [4],
      },
      { question: 'Which environment variable do I need?', answer: ['TARN_TOKEN'], cites: [5] },
      { question: 'How do I encrypt the files?', answer: null },
      { question: 'Does tarn run on Windows?', answer: null },
    ],
  },
  {
    sentences: [
      'Patients with a pacemaker must not enter the MR room.',
      'The usual dose of Velatrin for adults is 50 mg twice a day with food.',
      'Children under twelve must not take Velatrin.',
      'Common side effects are headache and a dry mouth.',
      'Store the tablets below 25 degrees.',
    ],
    questions: [
      { question: 'What is the usual adult dose of Velatrin?', answer: ['50 mg'], cites: [2] },
      { question: 'What are common side effects?', answer: ['headache'], cites: [4] },
      { question: 'Can my eight-year-old child take Velatrin?', answer: ['not', 'no'], cites: [3] },
      { question: 'Can Velatrin be taken during pregnancy?', answer: null },
      { question: 'Who manufactures Velatrin?', answer: null },
    ],
  },
  {
    sentences: [
      'The city library opens at 9:00 and closes at 20:00 from Monday to Friday.',
      'On Saturdays it closes at 14:00, and on Sundays it stays shut.',
      'A library card costs 12 euros a year; pupils and students pay nothing.',
      'Books can be borrowed for four weeks and renewed twice.',
      'Each late day costs 30 cents per book.',
    ],
    questions: [
      {
        question: 'When does the library close on Saturday?',
        answer: ['14:00', '2 pm', '2:00'],
        cites: [2],
      },
      {
        question: 'What do students pay for a card?',
        answer: ['nothing', 'free', 'no '],
        cites: [3],
      },
      { question: 'How long may I keep a book?', answer: ['four weeks', '4 weeks'], cites: [4] },
      { question: 'Is there a parking lot at the library?', answer: null },
      { question: 'How many books does the library own?', answer: null },
    ],
  },
  {
    sentences: [
      'The quarterly revenue of Brandt Foods rose by 8 percent to 412 million euros.',
      'Profit fell from 31 to 24 million euros because of higher energy prices.',
      'The company plans to open a second bakery in Ghent in May 2027.',
      'Chief executive Ines Brandt said that no jobs will be cut.',
    ],
    questions: [
      { question: 'What was the quarterly revenue of Brandt Foods?', answer: ['412'], cites: [1] },
      { question: 'Why did the profit fall?', answer: ['energy'], cites: [2] },
      { question: 'Where will the second bakery open?', answer: ['ghent'], cites: [3] },
      { question: 'How many people work at Brandt Foods?', answer: null },
      { question: 'What dividend will be paid?', answer: null },
    ],
  },
  {
    heldOut: true,
    sentences: [
      'The Kestrel tent sleeps three people and weighs 2.4 kg.',
      'Its outer fabric withstands a water column of 4,000 mm.',
      'The poles are made of aluminium and break down to 45 cm.',
      'Damaged poles are replaced free of charge within five years.',
      'Never dry the tent near an open fire.',
    ],
    questions: [
      { question: 'How many people fit into the Kestrel?', answer: ['three', '3'], cites: [1] },
      { question: 'What are the poles made of?', answer: ['aluminium'], cites: [3] },
      { question: 'How long are poles replaced for free?', answer: ['five', '5'], cites: [4] },
      { question: 'What colour is the tent?', answer: null },
      { question: 'Which stove goes with the tent?', answer: null },
    ],
  },
  {
    heldOut: true,
    sentences: [
      'Tenants must give notice in writing three months before they move out.',
      'The deposit is two monthly rents and is paid back within eight weeks.',
      'Small repairs below 75 euros are paid by the tenant.',
      'Pets other than dogs are allowed without asking.',
      'Quiet hours are from 22:00 to 6:00.',
    ],
    questions: [
      {
        question: 'How early must a tenant give notice?',
        answer: ['three months', '3 months'],
        cites: [1],
      },
      { question: 'How high is the deposit?', answer: ['two', '2'], cites: [2] },
      { question: 'Who pays for small repairs?', answer: ['tenant'], cites: [3] },
      { question: 'When do quiet hours begin?', answer: ['22', '10 p'], cites: [5] },
      { question: 'Is smoking allowed in the flat?', answer: null },
      { question: 'What does a parking space cost?', answer: null },
    ],
  },
  {
    heldOut: true,
    sentences: [
      'Version 4.2 of the Lumen server needs at least 8 GB of memory.',
      'Backups run every night at 02:30 and are kept for 14 days.',
      'The administrator Petra Okoye resets passwords on request.',
      'Log files are written to /var/lumen/log and rotated weekly.',
      'Port 7070 must be open for clients.',
    ],
    questions: [
      {
        question: 'How much memory does the Lumen server need?',
        answer: ['8 gb', '8 GB'],
        cites: [1],
      },
      { question: 'How long are backups kept?', answer: ['14'], cites: [2] },
      { question: 'Who resets passwords?', answer: ['okoye'], cites: [3] },
      { question: 'Where are log files written to?', answer: ['/var/lumen/log'], cites: [4] },
      { question: 'Which port do clients use?', answer: ['7070'], cites: [5] },
      { question: 'Which database does the Lumen server use?', answer: null },
      { question: 'How many users can log in at once?', answer: null },
      { question: 'When was version 4.2 published?', answer: null },
    ],
  },
];
