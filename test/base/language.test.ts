import { describe, expect, it } from 'vitest';
import type { Language } from '../../src/base/language.ts';
import { stemIn } from '../../src/base/light-stemmers.ts';
import { queryTerms, termsIn, termsOfText } from '../../src/base/tokens.ts';

const TEXTS: readonly (readonly [Language, string])[] = [
  ['en', 'The nurse checks the pump before every shift and writes the result into the book.'],
  [
    'de',
    'Die Pflegekraft prüft die Pumpe vor jeder Schicht und trägt das Ergebnis in das Buch ein.',
  ],
  ['fr', "L'infirmière vérifie la pompe avant chaque garde et inscrit le résultat dans le cahier."],
  ['es', 'La enfermera revisa la bomba antes de cada turno y anota el resultado en el libro.'],
  ['it', "L'infermiera controlla la pompa prima di ogni turno e scrive il risultato nel registro."],
  ['pt', 'A enfermeira verifica a bomba antes de cada turno e anota o resultado no livro da ala.'],
  [
    'nl',
    'De verpleegkundige controleert de pomp voor elke dienst en schrijft het resultaat in het boek.',
  ],
];

describe('termsOfText', () => {
  it.each(TEXTS)('knows %s', (language, text) => {
    expect(termsOfText(text).language).toBe(language);
  });

  it.each([
    '',
    'for (const o of a) { e = de.o; no += o }',
    '患者を毎日確認する。',
    'SELECT a, e FROM o WHERE la = 1',
    'Café Müller',
  ])('takes %j for nothing but English', (text) => {
    expect(termsOfText(text).language).toBe('en');
  });
});

describe('stemIn', () => {
  it.each<[Language, string[]]>([
    ['de', ['haus', 'hauser', 'hausern', 'hauses']],
    ['de', ['patient', 'patienten']],
    ['de', ['große', 'großen', 'grosse', 'großes']],
    ['fr', ['hopital', 'hopitaux']],
    ['fr', ['infirmiere', 'infirmieres', "l'infirmiere"]],
    ['fr', ['donnee', 'donnees']],
    ['es', ['paciente', 'pacientes']],
    ['es', ['vez', 'veces']],
    ['es', ['medica', 'medico', 'medicos', 'medicas']],
    ['it', ['paziente', 'pazienti']],
    ['it', ['banca', 'banche']],
    ['it', ['acqua', "dell'acqua"]],
    ['pt', ['operacao', 'operacoes']],
    ['pt', ['hospital', 'hospitais']],
    ['nl', ['boek', 'boeken']],
    ['nl', ['man', 'mannen']],
    ['nl', ['jaar', 'jaren']],
    ['en', ['run', 'running', 'runs']],
  ])('gives the forms of a word in %s one stem: %j', (language, forms) => {
    expect(new Set(forms.map((form) => stemIn(language, form))).size).toBe(1);
  });

  it('leaves other scripts, numbers and short words as they are', () => {
    for (const word of ['пациент', '12', 'er', 'die', 'año1'])
      expect(stemIn('de', word)).toBe(word);
  });
});

describe('queryTerms', () => {
  const german = termsIn('de', 'Die Pumpen der Häuser werden täglich nicht geprüft');
  const english = termsIn('en', 'The pumps of the houses are tested daily');
  const known = new Set([...german, ...english]);

  it('finds the words of documents in every language of the collection', () => {
    const terms = queryTerms('Pumpen in Häusern', ['en', 'de'], (term) => known.has(term));
    expect(german).toEqual(expect.arrayContaining(['pump', 'haus', 'nicht']));
    expect(terms).toEqual(expect.arrayContaining(['pump', 'haus']));
    const other = queryTerms('houses and pumps', ['en', 'de'], (term) => known.has(term));
    expect(other).toEqual(expect.arrayContaining(['hous', 'pump']));
  });

  it('names a word that no document has once', () => {
    expect(queryTerms('Kosten', ['en', 'de', 'nl'], () => false)).toEqual(['kosten']);
  });

  it('is the same as for one language where there is only one', () => {
    const text = 'What do the pumps of IL6 cost?';
    expect(queryTerms(text, ['en'], () => false)).toEqual(termsIn('en', text));
  });
});
