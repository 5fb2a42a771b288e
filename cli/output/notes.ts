import type { NoteFact } from '../../src/porcelain/note.ts';
import type { RunNote } from '../../src/porcelain/run-note.ts';
import type { Io } from '../io.ts';
import { shortOutput } from './outputs.ts';
import { runFileLine, runLine } from './run.ts';
import { safe, width } from './safe.ts';

/** One fact on a commit: `sharpness = 812.4  person, 2026-11-25 21:04`. */
export function factLine(io: Io, fact: NoteFact): string {
  const time = fact.time === undefined ? '' : new Date(fact.time * 1000).toISOString().slice(0, 16).replace('T', ' ');
  const who = [safe(fact.actor ?? ''), time].filter((part) => part !== '').join(', ');
  return who === '' ? factText(io, fact) : `${factText(io, fact)}  ${io.color.dim(who)}`;
}

/** Prints the facts on a commit; the numbers of a run stand below it. */
export function printFacts(io: Io, facts: readonly NoteFact[], indent = '    '): void {
  const runs = new Set(facts.flatMap(({ run }) => run?.run ?? []));
  for (const fact of facts) {
    if (fact.of !== undefined && runs.has(fact.of)) continue;
    io.print(`${indent}${factLine(io, fact)}`);
    if (fact.run) printDetails(io, fact.run, facts, `${indent}  `);
  }
}

function factText(io: Io, { metric, value, text, run, output, choice }: NoteFact): string {
  if (run) return runLine(io, run);
  if (metric !== undefined) return `${safe(metric)} = ${value}`;
  if (choice?.kind === 'tie') return `as good as each other: ${choice.between.map(candidate).join(', ')}`;
  if (choice) return `best: ${candidate(choice.chosen)}, over ${choice.over.map(candidate).join(', ')}`;
  return text === undefined && output !== undefined ? `made ${safe(output.slice(0, 19))}` : safe(text ?? '');
}

/** The outputs of a run, each with its numbers under the ids of the metrics, and why it did not finish. */
function printDetails(io: Io, run: RunNote, facts: readonly NoteFact[], indent: string): void {
  if (run.set)
    io.print(
      `${indent}set ${Object.entries(run.set)
        .map(([name, value]) => safe(`${name}=${JSON.stringify(value)}`))
        .join(', ')}`,
    );
  if (run.error)
    io.print(`${indent}${io.color.red(safe([run.error.node, run.error.message].filter(Boolean).join(': ')))}`);
  for (const output of run.outputs) {
    io.print(`${indent}${runFileLine(io, output)}`);
    const numbers = facts.filter(
      ({ of, output: of_, metric, provenance }) =>
        of === run.run && of_ === `sha256:${output.id}` && metric === provenance?.metric,
    );
    const parts = numbers.map(({ metric, value }) => `${safe(metric!)} ${Number(value!.toPrecision(6))}`);
    for (const line of filled(parts, io.columns - indent.length - 2)) io.print(`${indent}  ${io.color.dim(line)}`);
  }
}

/** Parts with commas between, in as few lines as they fit into. */
function filled(parts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && width(last) + width(part) + 2 <= columns) lines[lines.length - 1] = `${last}, ${part}`;
    else lines.push(part);
  }
  return lines;
}

/** A candidate of a choice: a commit or an output. */
function candidate(id: string): string {
  return id.length === 64 ? shortOutput(id) : safe(id.slice(0, 8));
}
