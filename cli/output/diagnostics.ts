import type { ValidatedFile } from '../../src/porcelain/validate.ts';
import type { Io } from '../io.ts';
import { count } from './commits.ts';
import { clip, safe } from './safe.ts';

type Finding = ValidatedFile['diagnostics'][number];

/** A message may wrap before it is cut: what it is about stands at its end. */
const WIDE = 200;
const COLORS = { error: 'red', warning: 'yellow', info: 'dim' } as const;

/** Prints what was found in one document: by node, each finding with its code, and the next step once for each code. */
export function printFindings(
  io: Io,
  { file, part, subgraphs, diagnostics }: ValidatedFile,
  advice: (one: Finding) => string,
): void {
  const { color } = io;
  const counted = countsOf(diagnostics);
  const of = part === undefined ? '' : ` (${part})`;
  io.print(`${color.bold(safe(file))}${of}: ${counted === '' ? color.green('ok') : counted}`);
  const told = new Set<string>();
  for (const [place, findings] of byPlace(diagnostics, subgraphs ?? {})) {
    io.print(`  ${clip(place, Math.max(io.columns, WIDE))}`);
    for (const one of findings) {
      const input = one.input === undefined ? '' : `${one.input}: `;
      const text = clip(`${input}${one.message}`, Math.max(io.columns, WIDE));
      io.print(`    ${color[COLORS[one.severity]](one.severity)} ${text} ${color.dim(`[${one.code}]`)}`);
      if (told.has(one.code)) continue;
      told.add(one.code);
      io.print(color.dim(`      ${advice(one)}`));
    }
  }
}

/** `2 errors, 1 warning`; empty where there is nothing. */
function countsOf(diagnostics: readonly Finding[]): string {
  const words = { error: 'error', warning: 'warning', info: 'remark' } as const;
  return (['error', 'warning', 'info'] as const)
    .map((severity) => [diagnostics.filter((one) => one.severity === severity).length, words[severity]] as const)
    .flatMap(([number, word]) => (number > 0 ? [count(number, word)] : []))
    .join(', ');
}

/** Findings by the node they lie at, in the order of the worst of each. */
function byPlace(diagnostics: readonly Finding[], subgraphs: Readonly<Record<string, string>>): Map<string, Finding[]> {
  const out = new Map<string, Finding[]>();
  for (const one of diagnostics) {
    const { scope, node, class_type } = one;
    const type = class_type === undefined ? '' : (own(subgraphs, class_type) ?? class_type);
    const within = scope === undefined ? '' : ` in ${own(subgraphs, scope) ?? scope}`;
    const place =
      node === undefined
        ? within === ''
          ? 'the workflow'
          : `subgraph${within.slice(3)}`
        : `${type || 'node'} (${node})${within}`;
    out.set(place, [...(out.get(place) ?? []), one]);
  }
  return out;
}

function own(map: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
