import { element as el, escapeText } from './markup.ts';

/** A page that stands alone. */
export interface StandalonePage {
  readonly title: string;
  /** Style sheets, in their order. */
  readonly styles: readonly string[];
  /** Class of the body, by which its style finds it. */
  readonly name: string;
  /** Markup of the page. */
  readonly content: readonly string[];
  /** Whether it holds pictures, of its own or from beside it. */
  readonly hasImages?: boolean;
}

/**
 * A page without scripts and without anything from elsewhere: its policy forbids a browser all but its own style and
 * pictures. Well-formed as XML, too.
 */
export function standalonePage({ title, styles, name, content, hasImages = false }: StandalonePage): string {
  const images = hasImages ? " img-src 'self' data:;" : '';
  const policy = `default-src 'none'; style-src 'unsafe-inline';${images} base-uri 'none'; form-action 'none'`;
  const page = el(
    'html',
    { xmlns: 'http://www.w3.org/1999/xhtml', lang: 'en' },
    el(
      'head',
      {},
      el('meta', { charset: 'utf-8' }),
      el('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
      el('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      el('title', {}, escapeText(title)),
      el('style', {}, ...styles),
    ),
    el('body', { class: name }, el('main', {}, ...content)),
  );
  return `<!DOCTYPE html>\n${page}\n`;
}
