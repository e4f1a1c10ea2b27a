import type { Config } from '../core/config.ts';
import type { CharacterSource, Span } from './characters.ts';
import { findCard } from './shape-card.ts';
import { findEmail } from './shape-email.ts';
import { findIban } from './shape-iban.ts';
import { findIp } from './shape-ip.ts';
import { findPhone } from './shape-phone.ts';
import { findSecret } from './shape-secret.ts';

export type Shape = Config['policy']['rules'][number]['shapes'][number];

interface Scanner {
  /** What was found, for people. */
  readonly title: string;
  readonly find: (text: CharacterSource, from: number) => Span | undefined;
}

/**
 * One scanner per shape. Each reads the text once, looking back and ahead by a bounded number of
 * characters, so that no text makes it slow.
 */
const SCANNERS: Readonly<Record<Shape, Scanner>> = {
  email: { title: 'an e-mail address', find: findEmail },
  phone: { title: 'a telephone number', find: findPhone },
  iban: { title: 'a bank account number', find: findIban },
  card: { title: 'a payment card number', find: findCard },
  ip: { title: 'an IP address', find: findIp },
  'secret-key': { title: 'a key or password', find: findSecret },
};

/** The first place of the shape from `from` on. */
export function findShape(shape: Shape, text: CharacterSource, from = 0): Span | undefined {
  return SCANNERS[shape].find(text, from);
}

export function shapeTitle(shape: Shape): string {
  return SCANNERS[shape].title;
}
