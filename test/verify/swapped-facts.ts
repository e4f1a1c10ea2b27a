/** What a text says, told in other words, and the same with two of its facts exchanged. */
export interface SwapCase {
  readonly topic: string;
  readonly evidence: readonly string[];
  readonly faithful: readonly string[];
  readonly swapped: readonly string[];
}

export const SWAPS: readonly SwapCase[] = [
  {
    topic: 'doses',
    evidence: [
      'Adults take 20 mg of ibuprofen twice a day after meals.',
      'Children take 5 mg once a day.',
      'The ward has 40 beds and two isolation rooms.',
      'Pregnant patients are given paracetamol instead of ibuprofen.',
    ],
    faithful: [
      'Adults take 20 mg of ibuprofen.',
      'Children take 5 mg of ibuprofen once a day.',
      'There are 40 beds on the ward.',
      'Ibuprofen is replaced by paracetamol for pregnant patients.',
      'Twice a day after meals, adults take 20 mg of ibuprofen.',
    ],
    swapped: [
      'Children take 20 mg of ibuprofen once a day.',
      'Adults take 5 mg of ibuprofen twice a day.',
      'Adults take 40 mg of ibuprofen.',
      'The ward has 20 beds.',
      'Children take 20 mg.',
    ],
  },
  {
    topic: 'visiting times',
    evidence: [
      'Visits to ward two end at 20:00.',
      'Visits to ward three end at 18:00.',
      'The cafeteria opens at 7:30 and closes at 16:00.',
      'The pharmacy opens at 8:00.',
    ],
    faithful: [
      'Visits to ward three end at 6 pm.',
      'On ward two, visits end at 20:00.',
      'The cafeteria closes at 4 pm.',
      'The pharmacy opens at 8 am.',
    ],
    swapped: [
      'Visits to ward three end at 20:00.',
      'Visits to ward two end at 18:00.',
      'The pharmacy opens at 7:30.',
      'The cafeteria opens at 8:00.',
      'The pharmacy closes at 16:00.',
    ],
  },
  {
    topic: 'people',
    evidence: [
      'Dr. Weber leads radiology.',
      'Dr. Lang leads the laboratory.',
      'The complaints office is run by Ms Okafor.',
      'Mr Silva keeps the keys of the archive.',
    ],
    faithful: [
      'Dr. Weber leads radiology.',
      'The laboratory is led by Dr. Lang.',
      'Ms Okafor runs the complaints office.',
      'The keys of the archive are kept by Mr Silva.',
    ],
    swapped: [
      'Dr. Weber leads the laboratory.',
      'Radiology is led by Dr. Lang.',
      'The complaints office is run by Mr Silva.',
      'Ms Okafor keeps the keys of the archive.',
    ],
  },
  {
    topic: 'roles',
    evidence: [
      'Doctors sign the discharge letter before noon.',
      'Nurses file the discharge letter in the archive.',
      'Porters bring the patient to the exit.',
      'The landlord pays for repairs of the roof, and the tenant pays for the cleaning.',
    ],
    faithful: [
      'Doctors sign the discharge letter.',
      'The discharge letter is signed by doctors.',
      'Nurses file the discharge letter.',
      'The patient is brought to the exit by porters.',
      'The tenant pays for the cleaning.',
    ],
    swapped: [
      'Nurses sign the discharge letter.',
      'Doctors file the discharge letter in the archive.',
      'Nurses bring the patient to the exit.',
      'Porters sign the discharge letter before noon.',
    ],
  },
  {
    topic: 'amounts',
    evidence: [
      'The basic plan costs €12 a month and includes 50 GB of storage.',
      'The business plan costs €45 a month and includes 500 GB of storage.',
      'Refunds are paid within 14 days.',
      'Invoices are due within 30 days.',
    ],
    faithful: [
      'The business plan includes 500 GB of storage.',
      'The basic plan costs 12 euros a month.',
      'Refunds are paid within two weeks.',
      'An invoice is due within 30 days.',
    ],
    swapped: [
      'The basic plan costs €45 a month.',
      'The business plan includes 50 GB of storage.',
      'Refunds are paid within 30 days.',
      'Invoices are due within 14 days.',
      'The basic plan costs $12 a month.',
    ],
  },
  {
    topic: 'dates',
    evidence: [
      'The Oslo office was founded in 1998.',
      'The Lisbon office was founded in 2007 by Marta Reis.',
      'The merger was signed on 3 May 2011.',
      'The lease of the Oslo office ends on 31 December 2026.',
    ],
    faithful: [
      'The Lisbon office was founded by Marta Reis in 2007.',
      'The Oslo office was founded in 1998.',
      'On 3 May 2011 the merger was signed.',
      'The lease of the Oslo office ends on 2026-12-31.',
    ],
    swapped: [
      'The Lisbon office was founded in 1998.',
      'The Oslo office was founded in 2007.',
      'The merger was signed on 31 December 2026.',
      'The Oslo office was founded by Marta Reis.',
    ],
  },
  {
    topic: 'negations',
    evidence: [
      'Laptops may be taken home.',
      'Badges must not be taken home.',
      'Dogs are allowed in the garden but not in the kitchen.',
      'Contractors cannot book meeting rooms.',
      'Employees can book meeting rooms for up to four hours.',
    ],
    faithful: [
      'Laptops may be taken home.',
      'Badges must not be taken home.',
      'Employees can book a meeting room for up to four hours.',
      'Contractors cannot book a meeting room.',
    ],
    swapped: [
      'Badges may be taken home.',
      'Laptops must not be taken home.',
      'Contractors can book meeting rooms.',
      'Employees cannot book meeting rooms.',
    ],
  },
  {
    topic: 'units',
    evidence: [
      'The P-110 pump weighs 18 kg and delivers 60 litres per minute.',
      'The P-340 pump weighs 61 kg and delivers 250 litres per minute.',
      'The filter is changed every 18 months.',
      'Store the oil between 5 and 25 °C.',
    ],
    faithful: [
      'The P-340 pump weighs 61 kg.',
      'The P-110 delivers 60 litres per minute.',
      'The filter is changed every 18 months.',
      'The oil is stored between 5 and 25 °C.',
    ],
    swapped: [
      'The P-110 pump weighs 61 kg.',
      'The P-340 delivers 60 litres per minute.',
      'The filter is changed every 18 days.',
      'The P-110 pump weighs 18 tonnes.',
      'The filter is changed every 60 months.',
    ],
  },
  {
    topic: 'joined sentences',
    evidence: [
      'The Halvard 300 is a submersible pump.',
      'It weighs 84 kg without its base plate.',
      'The Halvard 500 is a surface pump made in Turku.',
      'It weighs 120 kg.',
      'Both have a warranty of 24 months.',
    ],
    faithful: [
      'The Halvard 300 is a submersible pump and weighs 84 kg.',
      'The Halvard 500 is a surface pump and weighs 120 kg.',
      'The warranty is 24 months.',
      'The Halvard 500 is made in Turku.',
    ],
    swapped: [
      'The Halvard 300 is made in Turku.',
      'The Halvard 300 is a surface pump.',
      'The warranty is 84 months.',
      'The Halvard 500 is a submersible pump.',
    ],
  },
  {
    topic: 'places',
    evidence: [
      'The blood samples are kept in room 104.',
      'The X-ray films are kept in the basement.',
      'Parcels for the kitchen arrive at gate B.',
      'Visitors enter through gate A.',
    ],
    faithful: [
      'Blood samples are kept in room 104.',
      'The basement is where the X-ray films are kept.',
      'Visitors enter through gate A.',
      'Kitchen parcels arrive at gate B.',
    ],
    swapped: [
      'The blood samples are kept in the basement.',
      'The X-ray films are kept in room 104.',
      'Visitors arrive at gate B.',
      'Visitors enter through gate B.',
    ],
  },
];
