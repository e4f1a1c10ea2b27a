import type { LiveDocument } from './live-documents.ts';

/** Texts of towns, museums, clubs and newspapers, invented for this benchmark. */
export const PUBLIC_DOCUMENTS: readonly LiveDocument[] = [
  {
    register: 'news report',
    text: 'The bridge over the Ilva near Morsk was closed on Tuesday after divers had found cracks in its middle pier. About 3,400 cars use it every day. Mayor Petra Zauner expects repairs until September; a ferry will run every 20 minutes, free of charge for residents. Heavy lorries must take the road through Hadern, a detour of 31 kilometres.',
    questions: [
      ['Where were the cracks found?', 'middle pier', 'pier'],
      ['How often does the ferry run?', '20 minutes', 'twenty minutes'],
      ['How long is the detour for lorries?', '31'],
    ],
  },
  {
    register: 'museum label',
    text: 'Salt barge, about 1640. Oak, iron nails. Found in 1987 by two schoolboys in the mud of Lake Vessen. The barge could carry eleven tonnes of salt from Brenn to the coast and was rowed by six men. The dark stains on the stern come from a fire, perhaps set on purpose when the salt tax was doubled. Gift of the Ahlers family.',
    questions: [
      ['Who found the barge?', 'schoolboys', 'two schoolboys', 'boys'],
      ['What do the stains come from?', 'fire'],
      ['How many men rowed it?', 'six', '6'],
    ],
  },
  {
    register: 'club rules',
    text: 'Boats of the Ravnsund rowing club may be taken out from sunrise to one hour before sunset. Members under 16 need a coach on the water. Whoever damages a boat writes it into the red book and pays the first 75 euros of the repair. The double scull “Heron” may be used by members with a silver badge only. Keys hang beside the boiler.',
    questions: [
      ['What must be written into the red book?', 'damage'],
      ['Who may use the Heron?', 'silver badge'],
      ['Where do the keys hang?', 'boiler'],
    ],
  },
  {
    register: 'travel guide',
    text: 'Osterby has two harbours. The old one is for fishing boats; ferries to Lysa leave from the new one at 7:40 and 16:15. The lighthouse can be climbed on Sundays only (148 steps). The best fish soup is to be had at Café Maren, which closes in November. From the market, bus 12 takes a quarter of an hour to the stone circle of Ekeby.',
    questions: [
      ['On which day can the lighthouse be climbed?', 'sunday'],
      ['Which bus goes to the stone circle?', '12'],
      ['From which harbour do ferries leave?', 'new'],
    ],
  },
  {
    register: 'school letter',
    text: 'Dear parents, class 6b goes to the forest camp at Tolmen from 4 to 8 June. The trip costs 118 euros; families with two children at the school pay 90. Please give no telephones, but a torch and rubber boots. Tell Mr Kowal about allergies by 20 May. On Friday the bus will be back at about half past three, at the sports ground.',
    questions: [
      ['What do families with two children pay?', '90'],
      ['Whom should parents tell about allergies?', 'kowal'],
      ['Where does the bus arrive on Friday?', 'sports ground'],
    ],
  },
  {
    register: 'research abstract',
    text: 'We followed 212 hedgehogs in four towns for three years. Animals in gardens with gaps under the fence covered 1.9 km per night, those without only 0.7 km. Road deaths fell by 41 % where gaps had been made. Feeding had no effect on survival. We recommend gaps of 13 by 13 cm. The study was paid for by the Linnmark foundation.',
    questions: [
      ['How many hedgehogs were followed?', '212'],
      ['What size of gap is recommended?', '13'],
      ['Who paid for the study?', 'linnmark'],
    ],
  },
  {
    register: 'town notice',
    text: 'From 1 March, garden waste in Oberau is collected on Wednesdays instead of Mondays. Brown bins must stand at the kerb by 6:30. Branches may be up to 1.5 m long and must be tied with string, not wire. Households without a bin buy sacks for 2 euros at the town hall or at Bakery Huber. Questions: Ms Yildiz, telephone 55 03.',
    questions: [
      ['On which day is garden waste collected from March?', 'wednesday'],
      ['What must branches be tied with?', 'string'],
      ['How much does a sack cost?', '2 euro', 'two euro', '€2', '2'],
    ],
  },
  {
    register: 'biography',
    text: 'Edda Marholm (1871–1949) grew up as the daughter of a lock keeper in Tielen. At nineteen she built her first pendulum clock from parts of a mill. She studied in Zurich under a false name and in 1906 received a patent for a ship’s clock that needed winding only once in 40 days. Later she taught in Bergen, where a street is named after her.',
    questions: [
      ['What was her father?', 'lock keeper'],
      ['What did she receive a patent for?', 'ship', 'clock'],
      ['Where did she study?', 'zurich'],
    ],
  },
  {
    register: 'weather bulletin',
    text: 'Coast: wind from the north-west, force 7, in gusts 9 until midnight, then easing. Inland: ground frost in the valleys down to minus four degrees, fog around Lake Sarn until ten o’clock. The pass of Col Dorin stays closed; chains are needed from Brenta upwards. From Saturday milder with rain from the south, up to 25 mm in the hills.',
    questions: [
      ['Which pass stays closed?', 'col dorin', 'dorin'],
      ['Where is fog expected?', 'lake sarn', 'sarn'],
      ['When will it become milder?', 'saturday'],
    ],
  },
  {
    register: 'fairy tale',
    text: 'A miller had three donkeys: one grey, one brown and one white. The grey one carried flour, the brown one carried water, and the white one carried nothing, for it could count. Every evening it counted the sacks and stamped once for each. When a thief came at night and took two sacks, the white donkey stamped until the miller woke and caught him at the ford.',
    questions: [
      ['What did the brown donkey carry?', 'water'],
      ['What could the white donkey do?', 'count'],
      ['Where was the thief caught?', 'ford'],
    ],
  },
  {
    register: 'patient leaflet',
    text: 'Solvanex drops: adults take 15 drops three times a day after meals, children from six years 8 drops. Do not take Solvanex together with grapefruit juice. If you forget a dose, do not take a double one. Common side effects are a dry mouth and tiredness. Keep the bottle in the refrigerator after opening and throw it away after four weeks.',
    questions: [
      ['How many drops do children take?', '8', 'eight'],
      ['With what must Solvanex not be taken?', 'grapefruit'],
      ['How long can an open bottle be used?', 'four weeks', '4 weeks'],
    ],
  },
  {
    register: 'court summary',
    text: 'The claimant, a beekeeper from Tolna, asked for 6,200 crowns because his neighbour had sprayed an orchard in full bloom and 14 colonies died. The neighbour held that the wind had turned. The court found that spraying in bloom is forbidden whatever the wind, but that the claimant had been warned a day before; it therefore granted half of the sum.',
    questions: [
      ['How many colonies died?', '14', 'fourteen'],
      ['How much of the sum was granted?', 'half', '3,100', '3100'],
      ['What did the neighbour spray?', 'orchard'],
    ],
  },
  {
    register: 'podcast transcript',
    text: 'So, um, welcome back. Today’s guest is Karim Adeyemi, who mends church organs. You told me before the show that the worst enemy of an organ is not mice, it is heating, right? — Yes, heating. The wood shrinks. In Sankt Jorgen we had 61 pipes that would not speak any more, all because of one warm Christmas. And the repair took, what, seven months.',
    questions: [
      ['What is the worst enemy of an organ?', 'heating', 'heat'],
      ['How many pipes would not speak?', '61'],
      ['How long did the repair take?', 'seven months', '7 months'],
    ],
  },
  {
    register: 'encyclopedia entry',
    text: 'The marsh lantern (Lucerna palustris) is a perennial of northern bogs, 20 to 45 cm high, with hollow stems and pale yellow flowers that open only at night. It is pollinated by the grey owl moth. Its root was used to dye wool brown until the 1920s. The plant is protected in Norvania, where some 900 specimens are left, most of them near Skelde.',
    questions: [
      ['When do the flowers open?', 'night'],
      ['What was the root used for?', 'dye', 'wool'],
      ['How many specimens are left in Norvania?', '900'],
    ],
  },
  {
    register: 'match report',
    text: 'Varnby beat Holt 3–2 after trailing by two goals at half-time. Captain Nils Ek scored twice within four minutes; the winner came from Abdi Warsame with a free kick in the 88th minute. Holt’s goalkeeper Brandl had been sent off earlier for leaving his area. 5,120 people saw the match. Varnby now play Oxelund in the semi-final on 2 April.',
    questions: [
      ['Who scored the winning goal?', 'warsame'],
      ['Why was the goalkeeper sent off?', 'leaving his area', 'left his area', 'area'],
      ['Against whom does Varnby play in the semi-final?', 'oxelund'],
    ],
  },
];
