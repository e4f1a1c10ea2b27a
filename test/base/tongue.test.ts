import { describe, expect, it } from 'vitest';
import { tongueOf } from '../../src/base/tongue.ts';

describe('tongueOf', () => {
  it.each([
    ['en', 'What is my balance?'],
    ['de', 'Wie kann ich meine Karte sperren?'],
    ['fr', 'Où est ma carte bancaire ?'],
    ['es', '¿Dónde está mi tarjeta?'],
    ['it', 'Dove è la mia carta?'],
    ['pt', 'Onde está o meu cartão?'],
    ['nl', 'Waar is mijn kaart?'],
    ['pl', 'Gdzie jest moja karta i jak mogę ją zablokować?'],
    ['sv', 'Var är mitt kort?'],
    ['zh', '我的卡在哪里'],
    ['ja', 'カードはどこですか'],
    ['ko', '카드가 어디에 있나요'],
    ['ar', 'أين بطاقتي'],
    ['uk', 'де моя картка і як її'],
    ['Cyrillic script', 'где моя карта'],
    ['el', 'Πού είναι η κάρτα μου;'],
  ])('knows %s', (language, text) => {
    expect(tongueOf(text)).toBe(language);
  });

  it.each(['', 'balance', '12345', 'PIN?', '👍'])('does not guess at “%s”', (text) => {
    expect(tongueOf(text)).toBeUndefined();
  });
});
