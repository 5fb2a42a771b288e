/** One element of a parsed document; `text` is its own text, without that of its children. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
/** What XML 1.0 has no character for. */
const NO_CHARACTER = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * Reads an XML document strictly (well-formedness of XML 1.0, without DTDs, comments and CDATA, which cwf never writes).
 * Written for the tests, so that it shares nothing with what makes the markup. Throws at the first fault.
 */
export function parseXml(markup: string): Element {
  const odd = NO_CHARACTER.exec(markup);
  if (odd) throw new Error(`no character of XML at ${odd.index}`);
  const body = markup.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '').replace(/^<!DOCTYPE html>\n/, '');
  const token = /<\/([a-zA-Z][a-zA-Z0-9]*)>|<([a-zA-Z][a-zA-Z0-9]*)((?: [a-zA-Z:-]+="[^"<]*")*)(\/?)>|([^<]+)/gy;
  const document: Element = { name: '', attributes: {}, children: [], text: '' };
  const open: Element[] = [document];
  while (token.lastIndex < body.length) {
    const at = token.lastIndex;
    const found = token.exec(body);
    if (!found) throw new Error(`not well-formed at ${at}: ${body.slice(at, at + 80)}`);
    const [, closed, opened, attributes = '', empty, text] = found;
    const parent = open.at(-1)!;
    if (text !== undefined) parent.text += decode(text);
    else if (closed !== undefined) {
      if (parent.name !== closed) throw new Error(`</${closed}> closes <${parent.name}> at ${at}`);
      open.pop();
    } else {
      const child: Element = { name: opened!, attributes: attributesOf(attributes), children: [], text: '' };
      parent.children.push(child);
      if (empty === '') open.push(child);
    }
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1)!.name}> is not closed`);
  const [root, ...others] = document.children;
  if (!root || others.length > 0 || document.text.trim() !== '') throw new Error('not one root element');
  return root;
}

/** All elements below and including one. */
export function elementsOf(root: Element): Element[] {
  return [root, ...root.children.flatMap(elementsOf)];
}

/** All text below an element. */
export function textOf(root: Element): string {
  return root.text + root.children.map(textOf).join('');
}

/** Elements that have a class. */
export function withClass(root: Element, name: string): Element[] {
  return elementsOf(root).filter(({ attributes }) => attributes['class']?.split(' ').includes(name));
}

function attributesOf(text: string): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(/ ([a-zA-Z:-]+)="([^"]*)"/g)) {
    if (name in out) throw new Error(`attribute ${name} stands twice`);
    out[name] = decode(value);
  }
  return out;
}

function decode(text: string): string {
  return text.replace(/&([^;]*);?/g, (whole, name: string) => {
    const char = whole.endsWith(';') ? ENTITIES[name] : undefined;
    if (char === undefined) throw new Error(`no entity ${whole}`);
    return char;
  });
}
