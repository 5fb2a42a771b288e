// Makes docs/demo.svg, the picture at the top of the README: what `cwf demo` prints, in its colours.
//   npm run build && node scripts/picture.mjs
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const SHOWN = [
  'An agent edits, and says why',
  'Two edits of one node merge',
  'Every commit makes its picture',
  'Which commit made it soft',
  'Take back that one',
  'A picture made again',
];
const COLORS = {
  30: '#484f58',
  31: '#ff7b72',
  32: '#7ee787',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#76e3ea',
  90: '#8b949e',
};
const WIDTH = 112;
const [LINE, LEFT, TOP, CHAR] = [19, 20, 52, 8.43];

const env = { ...process.env, FORCE_COLOR: '1', COLUMNS: String(WIDTH) };
const { stdout, status } = spawnSync(process.execPath, ['bin/cwf.cjs', 'demo'], { encoding: 'utf8', env });
if (status !== 0) throw new Error(`the demo failed:\n${stdout}`);
const blocks = stdout
  .split('\n\n')
  .filter((block) => SHOWN.some((title) => plain(block).trimStart().startsWith(title)));
// The progress of `bisect run` goes to standard error, and is told again in its result.
const lines = blocks.flatMap((block) => [
  ...block
    .trim()
    .split('\n')
    .filter((line) => !/^ {2}(good|bad) {2,}/.test(plain(line))),
  '',
]);
const height = TOP + lines.length * LINE;
const width = LEFT * 2 + WIDTH * CHAR;
const texts = lines.map(
  (line, i) => `<text x="${LEFT}" y="${TOP + i * LINE}" xml:space="preserve">${spans(line)}</text>`,
);
writeFileSync(
  'docs/demo.svg',
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${Math.ceil(width)} ${height}" role="img" aria-label="cwf in a terminal">
<rect width="100%" height="100%" rx="10" fill="#0d1117"/>
<circle cx="22" cy="20" r="6" fill="#ff5f57"/><circle cx="42" cy="20" r="6" fill="#febc2e"/><circle cx="62" cy="20" r="6" fill="#28c840"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="#c9d1d9">
${texts.join('\n')}
</g>
</svg>
`,
);
console.log(`docs/demo.svg: ${lines.length} lines`);

/** One line with its colours as SVG spans. */
function spans(line) {
  let style = {};
  let out = '';
  let column = 0;
  for (const part of line.split(/(\x1b\[[0-9;]*m)/)) {
    const codes = /^\x1b\[([0-9;]*)m$/.exec(part)?.[1];
    if (codes === undefined) {
      const room = part.slice(0, Math.max(0, WIDTH - column));
      column += room.length;
      if (room !== '') out += span(room, style);
      continue;
    }
    for (const code of codes.split(';').map(Number)) {
      if (code === 0) style = {};
      else if (code === 1) style = { ...style, bold: true };
      else if (code === 2) style = { ...style, dim: true };
      else if (code === 22) style = { ...style, bold: false, dim: false };
      else if (code === 39) style = { ...style, color: undefined };
      else if (COLORS[code]) style = { ...style, color: COLORS[code] };
    }
  }
  return out;
}

function span(text, { bold, dim, color }) {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const fill = color ?? (dim ? COLORS[90] : undefined);
  const attributes = `${fill ? ` fill="${fill}"` : ''}${bold ? ' font-weight="bold"' : ''}`;
  return attributes === '' ? escaped : `<tspan${attributes}>${escaped}</tspan>`;
}

function plain(text) {
  return text.replaceAll(/\x1b\[[0-9;]*m/g, '');
}
