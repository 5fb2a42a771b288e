import { CHART_STYLE } from '../../../core/chart/style.ts';
import { element as el, escapeText } from '../../../core/picture/markup.ts';

/** One of two candidates: what it left, in base64, or why that cannot be shown. */
export interface PairSide {
  readonly name: string;
  readonly about: string;
  readonly media: readonly ({ readonly type: string } & ({ readonly data: string } | { readonly missing: string }))[];
}

const STYLE = `
:root{color-scheme:light dark}
body.cwf-chart{margin:0;background:var(--paper);color:var(--ink);font:15px/1.45 system-ui,"Segoe UI","Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
main{display:grid;grid-template-columns:1fr 1fr;gap:12px;padding:12px;min-height:100vh;box-sizing:border-box}
figure{margin:0;display:flex;flex-direction:column;gap:8px;min-width:0}
img,video{width:100%;max-height:88vh;object-fit:contain;background:var(--sheet)}
audio{width:100%}
figcaption{overflow-wrap:anywhere}b{font-size:20px;margin-right:8px}
`;
/** Seconds after which a browser reads the page again: the next pair takes the place of this one. */
const REFRESH = 2;

/**
 * Two candidates beside each other, as one page without scripts that a browser reads again every two seconds. Nothing is
 * loaded from elsewhere; its policy forbids everything but its own style and what it holds. [RK-11]
 */
export function drawPairPage(sides: readonly PairSide[]): string {
  const page = el(
    'html',
    { xmlns: 'http://www.w3.org/1999/xhtml', lang: 'en' },
    el(
      'head',
      {},
      el('meta', { charset: 'utf-8' }),
      el('meta', {
        'http-equiv': 'Content-Security-Policy',
        content:
          "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:; base-uri 'none'; form-action 'none'",
      }),
      el('meta', { 'http-equiv': 'refresh', content: String(REFRESH) }),
      el('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      el('title', {}, 'cwf rank'),
      el('style', {}, CHART_STYLE, STYLE),
    ),
    el('body', { class: 'cwf-chart' }, el('main', {}, ...sides.map(figure))),
  );
  return `<!DOCTYPE html>\n${page}\n`;
}

function figure({ name, about, media }: PairSide): string {
  const shown = media.length === 0 ? [el('p', {}, 'it left nothing')] : media.map((one) => mediumOf(one, name));
  return el('figure', {}, el('figcaption', {}, el('b', {}, escapeText(name)), escapeText(about)), ...shown);
}

function mediumOf(one: PairSide['media'][number], name: string): string {
  if ('missing' in one) return el('p', {}, escapeText(one.missing));
  // The type comes from a note, which may say anything: only its kind and plain characters are taken.
  const type = /^(image|video|audio)\/[a-z0-9.+*-]{1,40}$/.exec(one.type);
  if (!type) return el('p', {}, escapeText(`${one.type} cannot be shown here`));
  const src = `data:${one.type.replace('*', 'png')};base64,${one.data}`;
  if (type[1] === 'image') return el('img', { src, alt: name });
  // Not an empty element: HTML knows no such video.
  return el(type[1]!, { src, controls: 'controls', loop: 'loop' }, '');
}
