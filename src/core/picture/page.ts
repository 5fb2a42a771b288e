import type { NodePlace } from '../workflow/scopes.ts';
import { element as el, escapeText } from './markup.ts';
import type { Pictured } from './scene.ts';
import { standalonePage } from './standalone.ts';
import { STYLE } from './style.ts';
import { type Drawn, drawInPage } from './svg.ts';

/** One thing that changed, in words. */
export interface PageLine {
  readonly kind: 'add' | 'remove' | 'change';
  readonly presentation: boolean;
  readonly text: string;
  /** The node it is about, by the ids of the earlier version: the line then leads to its box. */
  readonly place?: NodePlace | undefined;
  /** Of a long text: the words that stayed, went and came. */
  readonly runs?: readonly { readonly kind: 'same' | 'old' | 'new'; readonly text: string }[];
}

/** One changed file. */
export interface PageSection {
  readonly file: string;
  readonly kind: 'added' | 'removed' | 'changed' | 'renamed';
  /** The old name of a renamed file. */
  readonly from?: string;
  readonly graph: number;
  readonly presentation: number;
  readonly lines: readonly PageLine[];
  readonly picture: Pictured;
}

/** What was compared, and what differs. */
export interface Page {
  readonly from: string;
  readonly to: string;
  readonly sections: readonly PageSection[];
}

/** Most characters of one stretch of a long text. */
const LONGEST = 600;
const CONTEXT = 80;
/** Most lines of one list; the others are counted. */
const MOST_LINES = 2_000;

const PAGE_STYLE = `
:root{color-scheme:light dark}
.cwf-page{margin:0;background:var(--paper);color:var(--ink);font:15px/1.45 system-ui,"Segoe UI","Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
main{padding:20px 24px}
h1{font-size:20px;margin:0 0 4px}h2{font-size:17px;margin:28px 0 6px;overflow-wrap:anywhere}
p{margin:4px 0}.dim{color:var(--dim)}
li a{color:inherit;text-decoration-color:var(--dim)}
ul{list-style:none;margin:8px 0;padding:0}
li{padding:3px 10px;margin:2px 0;border-left:4px solid var(--changed);background:var(--sheet);overflow-wrap:anywhere}
li.add{border-color:var(--added)}li.remove{border-color:var(--removed)}li.layout{border-color:var(--line)}
ins{color:var(--added);background:var(--added-bg)}del{color:var(--removed);background:var(--removed-bg)}
blockquote{margin:3px 0 3px 12px;white-space:pre-wrap}
summary{cursor:pointer;color:var(--dim)}
.picture{overflow:auto;border:1px solid var(--line);border-radius:6px;margin:10px 0;max-height:90vh}
.picture:focus-visible,summary:focus-visible{outline:2px solid var(--moved)}
.legend b{display:inline-block;min-width:1.3em;text-align:center}
.legend span{margin-right:1.2em}.added{color:var(--added)}.removed{color:var(--removed)}.changed{color:var(--changed)}.moved{color:var(--moved)}
`;

/**
 * Changes as one page that stands alone: lists and pictures, no script, nothing that is loaded, well-formed as XML too. Its
 * policy forbids a browser what it does not need. [DF-6]
 */
export function drawPage({ from, to, sections }: Page): string {
  const title = `${from} → ${to}`;
  const graph = sections.reduce((sum, section) => sum + section.graph, 0);
  const isChanged = sections.some(({ kind, graph: edits }) => edits > 0 || kind === 'added' || kind === 'removed');
  const summary =
    sections.length === 0
      ? 'Nothing changed.'
      : `${plural(sections.length, 'file')}, ${plural(graph, 'change')} of the graph${isChanged ? '' : ': it runs the same'}.`;
  const legend = LEGEND.map(([name, sign, word]) => el('span', { class: name }, el('b', {}, sign), ` ${word}`));
  return standalonePage({
    title: `cwf diff: ${title}`,
    styles: [STYLE, PAGE_STYLE],
    name: 'cwf-page',
    content: [
      el('h1', {}, escapeText(title)),
      el('p', {}, escapeText(summary)),
      el('p', { class: 'legend' }, ...legend),
      ...sections.map(drawSection),
    ],
  });
}

const LEGEND = [
  ['added', '+', 'added'],
  ['removed', '−', 'removed'],
  ['changed', '~', 'changed'],
  ['moved', '→', 'went into or out of a subgraph'],
] as const;

function drawSection({ file, kind, from, lines, graph, presentation, picture }: PageSection, index: number): string {
  const name = from === undefined ? file : `${from} → ${file}`;
  const layoutOnly = presentation > 0 ? `, ${presentation} in the layout` : '';
  const what = kind === 'changed' ? `${plural(graph, 'change')}${layoutOnly}` : kind;
  const [shown, layout] = [lines.filter((line) => !line.presentation), lines.filter((line) => line.presentation)];
  const drawn = drawInPage(picture, index);
  return el(
    'section',
    {},
    el('h2', {}, escapeText(name), ' ', el('span', { class: 'dim' }, escapeText(what))),
    ...(shown.length > 0 ? [list(shown, drawn)] : []),
    ...(layout.length > 0
      ? [el('details', {}, el('summary', {}, `${plural(layout.length, 'change')} of the layout`), list(layout, drawn))]
      : []),
    el('div', { class: 'picture', tabindex: 0, role: 'region', 'aria-label': `picture of ${name}` }, drawn.markup),
  );
}

function list(lines: readonly PageLine[], { boxOf }: Drawn): string {
  const more = lines.length - MOST_LINES;
  return el(
    'ul',
    {},
    ...lines.slice(0, MOST_LINES).map(({ kind, presentation, text, place, runs }) => {
      const name = presentation ? 'layout' : kind;
      const box = place && boxOf(place);
      const words = box === undefined ? escapeText(text) : el('a', { href: `#${box}` }, escapeText(text));
      return el('li', { class: name }, words, ...(runs ? [el('blockquote', {}, ...runs.map(drawRun))] : []));
    }),
    ...(more > 0 ? [el('li', { class: 'layout' }, `and ${more} more`)] : []),
  );
}

function drawRun({ kind, text }: { readonly kind: 'same' | 'old' | 'new'; readonly text: string }): string {
  if (kind === 'same') return escapeText(shorten(text, 2 * CONTEXT));
  return el(kind === 'old' ? 'del' : 'ins', {}, escapeText(shorten(text, LONGEST)));
}

/** Both ends of a long text. */
function shorten(text: string, most: number): string {
  return text.length <= most + 5 ? text : `${text.slice(0, most / 2)} … ${text.slice(-most / 2)}`;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
