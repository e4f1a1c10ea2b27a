import type { LiveDocument } from './live-documents.ts';

/** Texts of offices, shops and workshops, invented for this benchmark. */
export const OFFICE_DOCUMENTS: readonly LiveDocument[] = [
  {
    register: 'staff handbook',
    text: 'Employees of Tarn & Vale receive 27 days of leave per year; those who work nights receive 31. Leave that is not taken by 15 April of the next year is lost, unless the head of department agreed in writing. Requests for more than ten days in a row go to Ms Ferreira at least eight weeks ahead.',
    questions: [
      ['How many days of leave do night workers get?', '31', 'thirty-one'],
      ['By which date must leftover leave be taken?', '15 april', 'april 15'],
      ['To whom do requests for long leave go?', 'ferreira'],
    ],
  },
  {
    register: 'machine manual',
    text: 'The Corvel M40 mill must be greased after every 250 operating hours with grease type L7. Never run the spindle above 9,000 rpm with cutters wider than 40 mm. If the amber lamp blinks three times, the coolant filter is clogged; replace it with part CF-118 and hold RESET for five seconds.',
    questions: [
      ['Which grease does the mill need?', 'l7'],
      [
        'What does it mean when the amber lamp blinks three times?',
        'coolant filter',
        'filter is clogged',
        'clogged',
      ],
      ['Which part number has the new filter?', 'cf-118'],
    ],
  },
  {
    register: 'meeting minutes',
    text: 'Minutes of 12 May. Present: Ruiz, Hallam, Okoro. Hallam reported that the warehouse in Delft will open three weeks late because the fire doors were delivered in the wrong size. Okoro will ask a second carrier for an offer. The budget for signs was raised from 4,000 to 5,500 euros. Next meeting: 26 May in room Linden.',
    questions: [
      ['Why will the warehouse open late?', 'fire door', 'doors', 'wrong size'],
      ['What is the new budget for signs?', '5,500', '5500'],
      ['Where is the next meeting?', 'linden'],
    ],
  },
  {
    register: 'warranty terms',
    text: 'Brightline kettles carry a warranty of 30 months from purchase. The heating element is covered for five years. Damage by limescale is excluded. For a claim, send a photo of the receipt and of the rating plate to the service centre in Almere; do not return the kettle unless you are asked to. Repairs usually take nine working days.',
    questions: [
      ['How long is the heating element covered?', 'five years', '5 years'],
      ['Which damage is excluded?', 'limescale'],
      ['How long do repairs usually take?', 'nine working days', '9 working days', 'nine days'],
    ],
  },
  {
    register: 'chat message',
    text: 'hey Sanne, quick update: the van is at the garage again, this time the clutch. Joris says it will cost about 640 and we get it back on Thursday if the part comes from Essen. Until then please use the blue trailer for the market in Haarlem. And the key for the cold store is now under the third flower pot, not the second!! Bea',
    questions: [
      ['What is broken on the van?', 'clutch'],
      ['When will the van be back?', 'thursday'],
      ['Where is the key for the cold store?', 'third flower pot', 'third'],
    ],
  },
  {
    register: 'supplier contract',
    text: 'The Supplier shall deliver 1,200 crates per calendar month to the Buyer’s depot in Rijeka. Where a delivery is more than four working days late, the Buyer may deduct 2 % of its price for each further day, up to 12 %. Either party may end this agreement with 90 days’ notice. Disputes are settled by arbitration in Vienna.',
    questions: [
      ['How many crates are delivered per month?', '1,200', '1200'],
      ['What is the most that may be deducted for a late delivery?', '12'],
      ['Where are disputes settled?', 'vienna'],
    ],
  },
  {
    register: 'incident report',
    text: 'At 02:17 the primary database of the booking site stopped accepting writes because its disk was full. The on-call engineer, Lakshmi Rao, deleted old audit exports and writes resumed at 02:49. 318 bookings failed in between; all customers were contacted by noon. As a lasting measure, exports are now kept for 14 days only and an alert fires at 80 % disk use.',
    questions: [
      [
        'Why did the database stop accepting writes?',
        'disk was full',
        'full disk',
        'disk full',
        'disk',
      ],
      ['How many bookings failed?', '318'],
      ['At which disk use does an alert fire now?', '80'],
    ],
  },
  {
    register: 'job advert',
    text: 'The county archive in Stavern looks for a paper conservator (60 %, two years). You have worked with parchment before and read Danish. We offer pay group 9, a workshop with north light, and a flat for the first six weeks. Send your papers to Mr Aune by 3 October; interviews take place in the week of the 20th.',
    questions: [
      ['Which language must applicants read?', 'danish'],
      ['For how long is a flat offered?', 'six weeks', '6 weeks'],
      ['Until when can one apply?', '3 october', 'october 3', '3rd'],
    ],
  },
  {
    register: 'recipe card',
    text: 'Canteen recipe 88, lentil stew for 60 people: soak 4.5 kg of lentils for two hours. Fry onions in rapeseed oil, add the lentils, 12 litres of stock and the bay leaves, and simmer for 35 minutes. The vinegar comes last, off the heat. Do not use the old stock cubes: they contain celery, and table five is allergic to it.',
    questions: [
      ['How many people is the recipe for?', '60', 'sixty'],
      ['What is added last?', 'vinegar'],
      ['Why must the old stock cubes not be used?', 'celery', 'allerg'],
    ],
  },
  {
    register: 'safety notice',
    text: 'Before entering tank 6, switch off the stirrer, lock the switch and keep the key on you. Two people stay outside; one of them holds the rope at all times. The gas meter must show less than 10 ppm of hydrogen sulphide. Without fresh air from the blower nobody stays inside longer than twelve minutes. Alarm number: 4711.',
    questions: [
      ['How many people stay outside?', 'two', '2'],
      ['Which value must the gas meter stay below?', '10 ppm', 'less than 10', '10'],
      [
        'How long may one stay inside without the blower?',
        'twelve minutes',
        '12 minutes',
        'twelve',
      ],
    ],
  },
  {
    register: 'purchase memo',
    text: 'To: workshop. We compared three lasers. The Ardent 60 is the cheapest (18,900) but needs water cooling. The Pico S costs 23,400, is air-cooled and cuts acrylic up to 12 mm. The Helion Pro cuts 20 mm but weighs 410 kg, and the second floor carries only 350. We therefore ordered the Pico S; it arrives in calendar week 38.',
    questions: [
      ['Which laser was ordered?', 'pico s', 'pico'],
      ['Why was the Helion Pro not chosen?', 'weigh', 'heavy', '410', '350'],
      ['How much does the Ardent 60 cost?', '18,900', '18900'],
    ],
  },
  {
    register: 'help page',
    text: 'You can change the owner of a workspace under Settings > People. Only the present owner can do so, and both need two-step login. The new owner gets an e-mail that is valid for 48 hours. Invoices keep going to the old address until you change it under Billing. A workspace can have one owner and up to seven administrators.',
    questions: [
      ['For how long is the e-mail valid?', '48 hours', '48'],
      ['How many administrators can a workspace have?', 'seven', '7'],
      ['Who can change the owner?', 'present owner', 'current owner', 'owner'],
    ],
  },
  {
    register: 'delivery note',
    text: 'Consignment 7741-B left Antwerp on 9 June on the barge Margriet with 48 pallets of tiles. Two pallets got wet near Maasbracht and were set aside; they stand in bay 14. The remaining pallets were unloaded in Liège on 11 June. The skipper, Mr Donkers, asks for a new tarpaulin before the next trip.',
    questions: [
      ['How many pallets were on the barge?', '48'],
      ['Where do the wet pallets stand?', 'bay 14', '14'],
      ['What does the skipper ask for?', 'tarpaulin'],
    ],
  },
  {
    register: 'release notes',
    text: 'Version 5.3 of Plotter: exports to SVG keep layer names. The option --fast was removed; use --quality=low. Files of version 3 can no longer be opened, convert them with Plotter 4 first. Printing on paper larger than A2 no longer crashes. The minimum memory is now 6 GB, up from 4. Known problem: the ruler shows inches in the Polish translation.',
    questions: [
      ['What replaces the option --fast?', '--quality=low', 'quality=low', 'quality'],
      ['How much memory is needed now?', '6 gb', '6gb', '6'],
      ['In which translation does the ruler show inches?', 'polish'],
    ],
  },
  {
    register: 'e-mail',
    text: 'Dear Professor Lund, the proofs of your chapter are attached. Please mark corrections in green and return them by Monday the 14th; later changes cost 3 euros per line. Figure 4 is too coarse for print: we need at least 600 dpi. Your co-author Dr Bassi has already agreed to the title. You will receive two free copies in February. Best wishes, Imke Rath',
    questions: [
      ['In which colour should corrections be marked?', 'green'],
      ['What is wrong with figure 4?', 'coarse', '600', 'resolution', 'dpi'],
      ['How many free copies will the professor receive?', 'two', '2'],
    ],
  },
];
