import type { Grammar } from './grammar.ts';

/** Splits a line of words, `+` standing for a space inside one entry. */
export function words(line: string): string[] {
  return line
    .trim()
    .split(/\s+/)
    .map((word) => word.replaceAll('+', ' '));
}

/** Words that the phrases of all tasks share. */
export const VOCABULARY: Grammar = {
  person: words(
    'Anna Ben Carla David Emma Farid Grace Hugo Ines Jonas Kira Liam Mona Nils Olga Paul Quinn Rosa Sami Tina Uma Victor Wei Yara Zoe Marcus Priya Tom Lucy Ahmed Maria Peter Ivan Sofia Noah Lena Kofi Elena Jack Sarah Mike Julia Omar Nina Leo Hannah Oscar Mei Diego Ruth',
  ),
  surname: words(
    'Becker Okafor Lindqvist Moreau Tanaka Novak Silva Hughes Petrov Kaur Olsen Weber Rossi Dubois Khan Murphy Schmidt Garcia Nguyen Fischer Kowalski Larsen Costa Haddad Young Parker Stone Brandt',
  ),
  role: words(
    'teacher nurse driver baker farmer doctor student manager plumber painter lawyer engineer librarian chef tailor clerk gardener carpenter mechanic dentist shopkeeper waiter pilot electrician',
  ),
  colleague: words(
    'my+boss my+team our+customers a+supplier the+landlord my+neighbour the+HR+department a+client my+professor the+hiring+manager our+investors the+parents+of+my+class my+sister the+support+team a+journalist the+board the+new+intern the+warehouse+staff my+accountant',
  ),
  place: words(
    'market school library station hospital museum bakery harbour office park airport factory farm garage theatre hotel church bridge town+hall warehouse bookshop swimming+pool zoo campsite restaurant',
  ),
  city: words(
    'Oslo Lisbon Berlin Vienna Nairobi Toronto Kyoto Lima Prague Dublin Chicago Mumbai Hamburg Seville Cairo Boston Warsaw Melbourne Zurich Ghent Leeds Bogota Hanoi Tallinn Porto Krakow Austin',
  ),
  country: words(
    'Norway Portugal Kenya Japan Peru Austria Canada Egypt Brazil India Poland Australia Finland Mexico Vietnam Chile Morocco Iceland Turkey Greece Nepal Ghana Argentina South+Korea Switzerland',
  ),
  things: words(
    'apples pencils books marbles stickers cookies eggs bottles cards stamps coins tickets chairs oranges balloons boxes candles shirts flowers cupcakes loaves+of+bread toys magazines bricks roses pages bracelets sandwiches pizzas fish seeds beads puzzles plants bananas',
  ),
  animal: words(
    'dog cat horse cow chicken rabbit fox owl whale elephant tiger dolphin penguin bee ant snake frog turtle kangaroo octopus bear wolf parrot shark eagle',
  ),
  animals: words(
    'dogs cats horses cows chickens rabbits owls penguins sheep goats ducks pigs hamsters parrots',
  ),
  colour: words('red blue green yellow white black brown orange purple grey pink silver turquoise'),
  product: words(
    'laptop headphones coffee+machine bicycle phone tablet washing+machine camera backpack office+chair desk+lamp running+shoes jacket printer keyboard vacuum+cleaner smart+watch tent water+filter electric+kettle monitor blender mattress e-bike',
  ),
  topic: words(
    'climate+change remote+work solar+energy public+transport healthy+eating time+management artificial+intelligence cyber+security the+housing+market education travel sleep+habits urban+gardening electric+cars online+privacy teamwork inflation space+travel recycling mental+health volunteering the+history+of+tea cycling robots in+hospitals',
  ),
  field: words(
    'physics chemistry biology geography history music literature economics medicine astronomy mathematics law art politics sport film religion mythology technology cooking',
  ),
  science: words(
    'photosynthesis gravity evaporation friction magnetism erosion respiration fermentation osmosis nuclear+fusion plate+tectonics condensation inertia refraction evolution mitosis radioactivity combustion oxidation digestion pollination sublimation superconductivity natural+selection the+water+cycle the+greenhouse+effect',
  ),
  substance: words(
    'water iron oxygen carbon gold helium copper salt hydrogen aluminium sulphur nitrogen mercury silver chlorine calcium glass steel ethanol ammonia methane glucose benzene',
  ),
  work: words(
    'Hamlet The+Great+Gatsby Moby-Dick The+Odyssey Don+Quixote Swan+Lake The+Magic+Flute Guernica Casablanca Star+Wars Dracula Frankenstein War+and+Peace The+Godfather Jaws Thriller Bohemian+Rhapsody The+Simpsons Friends Breaking+Bad Jurassic+Park Les+Miserables Abbey+Road Vertigo The+Lord+of+the+Rings Gone+with+the+Wind',
  ),
  event: words(
    'the+French+Revolution World+War+I World+War+II the+Cold+War the+moon+landing the+Battle+of+Hastings the+fall+of+the+Berlin+Wall the+Russian+Revolution the+American+Civil+War the+Great+Fire+of+London the+Treaty+of+Versailles the+Olympic+Games the+World+Cup the+Black+Death the+Boston+Tea+Party the+Suez+Crisis the+Industrial+Revolution',
  ),
  invention: words(
    'the+telephone penicillin the+steam+engine the+light+bulb the+printing+press the+World+Wide+Web dynamite the+microscope the+zip the+ballpoint+pen television the+radio the+thermometer the+vaccine+against+smallpox the+jet+engine the+bicycle basketball blue+jeans',
  ),
  celebrity: words(
    'Marie+Curie Albert+Einstein Napoleon Cleopatra Mozart Elvis+Presley Charles+Dickens Nelson+Mandela Abraham+Lincoln Queen+Victoria Leonardo+da+Vinci Neil+Armstrong Muhammad+Ali Frida+Kahlo Winston+Churchill Agatha+Christie Isaac+Newton Madonna Pele Julius+Caesar Beethoven Steve+Jobs Taylor+Swift Michael+Jackson',
  ),
  document: words(
    'handbook policy contract file report manual agreement guideline wiki FAQ memo document specification warranty lease price+list terms+of+service rule+book minutes insurance+policy data+sheet employee+handbook onboarding+guide safety+manual privacy+policy invoice user+guide works+agreement PDF',
  ),
  matter: words(
    'overtime parental+leave sick+days travel+expenses parking home+office notice+periods refunds data+retention backups company+cars training+budgets visitor+badges password+changes holidays returns late+payment delivery+times maintenance fire+drills remote+access equipment bonuses working+hours invoices lunch+breaks smoking deposits liability subletting confidentiality warranty+claims probation business+trips lost+keys',
  ),
  department: words(
    'HR finance IT sales legal marketing support procurement logistics facilities engineering quality',
  ),
  month: words(
    'January February March April May June July August September October November December',
  ),
  weekday: words('Monday Tuesday Wednesday Thursday Friday Saturday Sunday'),
  time: ['9 am', '10:30', 'noon', '2 pm', '15:45', '6 o’clock', '8:15', '17:00'],
  language: words(
    'Python JavaScript TypeScript Java C C++ C# Go Rust Ruby PHP Kotlin Swift SQL Bash R Scala Perl',
  ),
  tongue: words(
    'German French Spanish Italian Portuguese Dutch Swedish Polish Japanese English Turkish Czech',
  ),
  tone: words(
    'friendly formal polite professional casual warm confident neutral enthusiastic apologetic diplomatic persuasive concise direct cheerful',
  ),
  adjective: words(
    'short long simple detailed clear funny sad strange beautiful convincing honest creative modern old+fashioned dramatic heartfelt inspiring gloomy',
  ),
  courtesy: [
    'Please',
    'Could you please',
    'Can you',
    'Could you',
    'Would you mind, please',
    'I need you to',
    'I want you to',
    'Kindly',
    'Hey, can you',
    'Hi! Please',
    'I’d like you to',
    'Would you',
    'Help me:',
    'can u',
  ],
  systemPrompt: [
    'You are a helpful assistant.',
    'You are a helpful, honest and concise assistant.',
    'You are a friendly AI assistant. Answer as well as you can.',
    'You are an expert assistant working for a company.',
    'Answer carefully and stay brief.',
    'You are ChatGPT. Follow the user’s instructions.',
    'Today is ‹weekday›, ‹#1-28› ‹month›. Be helpful and answer in English.',
    'You are an assistant inside a web application. Do not use Markdown.',
  ],
};
