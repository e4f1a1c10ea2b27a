/** The little of an element that is looked at. */
export interface StyledNode {
  readonly nodeName: string;
  getAttribute?(name: string): string | null;
}

/** Characters of style sheets, and of the declarations for one element, that are read. */
const MOST_READ = 200_000;
const MOST_INLINE = 2000;
/** Rules of one name; of one that has more nobody knows what counts. */
const MOST_RULES = 20;
const MOST_NAMES = 20;
/** What sheets hide by; what they move or fade comes back when somebody scrolls. */
const SAID_BY_SHEETS: ReadonlySet<string> = new Set(
  'display visibility font-size color background background-color'.split(' '),
);
/** `p`, `.note`, `td.note.old`, `#tip`: what can be told from the element alone. */
const PLAIN = /^([a-z][\w-]*|\*)?((?:[.#][\w-]+)*)$/i;

interface Rule {
  readonly tag: string;
  /** `.class` and `#id`, all of them needed. */
  readonly names: readonly string[];
  readonly declarations: string;
}

/**
 * What the style sheets within a page say of single elements. Rules that hang on an element's place,
 * its state or the medium are left out.
 */
export class PageStyles {
  readonly #byName = new Map<string, Rule[]>();
  /** Something else may colour the page: a sheet in another file, a rule that was left out. */
  readonly mayPaintMore: boolean;

  constructor(sheets: readonly string[], hasOtherSheets: boolean) {
    let mayPaintMore = hasOtherSheets;
    for (const { selector, declarations } of rulesOf(sheets.join('\n').slice(0, MOST_READ))) {
      const said = lastOfEach(declarations.slice(0, MOST_INLINE), SAID_BY_SHEETS);
      const selectors = selector.startsWith('@') ? [] : selector.split(',').map(readSelector);
      for (const one of selectors) if (one !== undefined) this.#add({ ...one, declarations: said });
      const isWhole = selectors.length > 0 && selectors.every((one) => one !== undefined);
      mayPaintMore ||= !isWhole && /background|@import/i.test(`${selector}${declarations}`);
    }
    for (const [key, rules] of this.#byName)
      if (rules.length > MOST_RULES) this.#byName.delete(key);
    this.mayPaintMore = mayPaintMore;
  }

  /** Declarations that hold for an element, the strongest last; `property: value;` each. */
  of(node: StyledNode): string {
    const inline = (node.getAttribute?.('style') ?? '').slice(0, MOST_INLINE);
    if (this.#byName.size === 0) return inline;
    const tag = node.nodeName.toLowerCase();
    const own = new Set(namesOf(node));
    const rules = [tag, '*', ...own]
      .flatMap((key) => this.#byName.get(key) ?? [])
      .filter((rule) => rule.tag === '*' || rule.tag === tag)
      .filter((rule) => rule.names.every((name) => own.has(name)))
      .sort((a, b) => a.names.length - b.names.length);
    if (rules.length === 0) return inline;
    return lastOfEach([...rules.map((rule) => rule.declarations), inline].join(';'));
  }

  #add(rule: Rule): void {
    const key = rule.names[0] ?? rule.tag;
    const rules = this.#byName.get(key) ?? [];
    if (rules.length <= MOST_RULES) rules.push(rule);
    this.#byName.set(key, rules);
  }
}

function readSelector(selector: string): Pick<Rule, 'tag' | 'names'> | undefined {
  const plain = PLAIN.exec(selector.trim());
  if (plain === null) return undefined;
  return {
    tag: (plain[1] ?? '*').toLowerCase(),
    names: (plain[2] ?? '').match(/[.#][\w-]+/g) ?? [],
  };
}

function namesOf(node: StyledNode): string[] {
  const classes = (node.getAttribute?.('class') ?? '').slice(0, MOST_INLINE).match(/\S+/g) ?? [];
  const id = node.getAttribute?.('id') ?? '';
  const names = classes.slice(0, MOST_NAMES).map((one) => `.${one}`);
  return id === '' ? names : [...names, `#${id}`];
}

/** Of declarations of one property the last counts, or the last important one. */
function lastOfEach(text: string, wanted?: ReadonlySet<string>): string {
  const values = new Map<string, string>();
  for (const declaration of text.split(';')) {
    const colon = declaration.indexOf(':');
    if (colon < 0) continue;
    const property = declaration.slice(0, colon).trim().toLowerCase();
    const value = declaration.slice(colon + 1).trim();
    if (wanted?.has(property) === false) continue;
    if (/!\s*important/i.test(values.get(property) ?? '') && !/!\s*important/i.test(value))
      continue;
    values.set(property, value);
  }
  return [...values].map(([property, value]) => `${property}: ${value};`).join(' ');
}

/** One pass; what stands within an at-rule's braces is one rule with the at-rule as its selector. */
function* rulesOf(source: string) {
  const css = withoutComments(source);
  let from = 0;
  for (;;) {
    const open = css.indexOf('{', from);
    if (open < 0) return;
    const selector = css
      .slice(from, open)
      .trim()
      .replace(/^(?:@(?:charset|import)[^;]*;\s*)+/i, '');
    if (/(?:^|[;\s])@import/i.test(css.slice(from, open)))
      yield { selector: '@import', declarations: '' };
    const close = selector.startsWith('@') ? closeOf(css, open) : css.indexOf('}', open);
    if (close < 0) return;
    yield { selector, declarations: css.slice(open + 1, close) };
    from = close + 1;
  }
}

function closeOf(css: string, open: number): number {
  let depth = 0;
  for (let at = open; at < css.length; at += 1) {
    const code = css.charCodeAt(at);
    if (code === 0x7b) depth += 1;
    else if (code === 0x7d) depth -= 1;
    if (depth === 0) return at;
  }
  return -1;
}

function withoutComments(css: string): string {
  const parts: string[] = [];
  let from = 0;
  for (;;) {
    const open = css.indexOf('/*', from);
    parts.push(css.slice(from, open < 0 ? css.length : open));
    const close = open < 0 ? -1 : css.indexOf('*/', open + 2);
    if (close < 0) return parts.join('');
    from = close + 2;
  }
}
