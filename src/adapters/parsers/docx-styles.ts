import { isOn } from './office-parts.ts';
import { readXml } from './xml-reader.ts';

export interface DocxStyle {
  /** Of a heading; 0 = the title of the document. */
  readonly level?: number;
  readonly isList: boolean;
  readonly isHidden: boolean;
}

interface RawStyle {
  name: string;
  basedOn: string;
  outline: number | undefined;
  isList: boolean;
  isHidden: boolean;
}

const PLAIN: DocxStyle = { isList: false, isHidden: false };

/** What paragraph and character styles mean, by id; styles inherit from those they are based on. */
export function readDocxStyles(source: string): (id: string | undefined) => DocxStyle {
  const styles = new Map<string, RawStyle>();
  let open: RawStyle | undefined;
  readXml(source, {
    open: (tag) => {
      const value = tag.attribute('val') ?? '';
      if (tag.name === 'style') {
        open = { name: '', basedOn: '', outline: undefined, isList: false, isHidden: false };
        styles.set(tag.attribute('styleId') ?? '', open);
      } else if (open === undefined) return;
      else if (tag.name === 'name') open.name = value;
      else if (tag.name === 'basedOn') open.basedOn = value;
      else if (tag.name === 'outlineLvl') open.outline = Number(value);
      else if (tag.name === 'numPr') open.isList = true;
      else if (tag.name === 'vanish') open.isHidden = isOn(tag.attribute('val'));
    },
    close: (name) => {
      if (name === 'style') open = undefined;
    },
  });
  return (id) => (id === undefined ? PLAIN : resolve(styles, id, 0));
}

function resolve(styles: ReadonlyMap<string, RawStyle>, id: string, depth: number): DocxStyle {
  const style = styles.get(id);
  if (style === undefined || depth > 10) return { ...PLAIN, ...levelOf(id) };
  const base = style.basedOn === '' ? PLAIN : resolve(styles, style.basedOn, depth + 1);
  const own = levelOf(style.name);
  const outline =
    style.outline === undefined || style.outline > 8 ? {} : { level: style.outline + 1 };
  return {
    ...base,
    ...outline,
    ...own,
    isList: base.isList || style.isList || /^list (?:bullet|number|paragraph)/i.test(style.name),
    isHidden: base.isHidden || style.isHidden,
  };
}

function levelOf(name: string): { readonly level?: number } {
  const level = /^heading ?([1-9])/i.exec(name)?.[1];
  if (level !== undefined) return { level: Number(level) };
  return /^title$/i.test(name) ? { level: 0 } : {};
}
