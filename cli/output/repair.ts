import type { RepairInput, RepairOutput } from '../../src/porcelain/repair.ts';
import type { Io } from '../io.ts';
import { count } from './commits.ts';
import { runFileLine, runLine, seconds } from './run.ts';
import { clip, safe } from './safe.ts';

type Left = RepairOutput['left'][number] | NonNullable<RepairOutput['ran']>['left'][number];
type Step = Parameters<NonNullable<RepairInput['report']>>[0];

/** Characters of what a server says, on one line. */
const MOST_MESSAGE = 160;

/** One step of a repair as a line for the person who waits. */
export function stepLine(step: Step): string {
  switch (step.step) {
    case 'validate':
      return `validate: ${count(step.errors, 'error')}, ${count(step.warnings, 'warning')}`;
    case 'analyse':
      return `analyse: ${step.agent} proposes ${count(step.proposals, 'change')}`;
    case 'hand-off':
      return `hand-off: ${step.from} -> ${step.to}`;
    case 'run':
      return `run ${step.run}: on ${step.runner}`;
    case 'node':
      return `run ${step.run}: node ${step.node}`;
    case 'ran':
      return `run ${step.run}: ${step.kind}${step.kind === 'invalid' ? ', not sent' : ` after ${seconds(step.took)}`}`;
    case 'finding':
      return `run ${step.run}: ${clip(step.message.split('\n', 1)[0]!, MOST_MESSAGE)} [${step.code}]`;
    case 'patch':
      return `patch: ${step.agent}: ${step.reason}`;
    case 'refuse':
      return `refused: ${step.agent}: ${step.reason} (${step.why})`;
  }
}

/** How the runs of a repair ended, and what was tried in vain. */
export function printRuns(io: Io, ran: NonNullable<RepairOutput['ran']>): void {
  const { color } = io;
  for (const note of ran.runs.slice(-1)) {
    io.print(runLine(io, note));
    for (const output of note.outputs) io.print(`  ${runFileLine(io, output)}`);
  }
  if (ran.finished) return;
  for (const { fix } of ran.tried)
    io.print(
      `  ${color.dim('tried, and not kept:')} ${safe(fix.title)} ${color.dim(`(${fix.confidence.toFixed(2)})`)}`,
    );
  for (const one of ran.left) io.print(findingLine(io, one));
}

/** A finding that is left, with what to decide. */
export function findingLine({ color }: Io, one: Left): string {
  const { node, class_type, input, message, code, advice } = one;
  const place = [node === undefined ? '' : `${class_type ?? 'node'} (${node})`, input ?? ''].filter(
    (part) => part !== '',
  );
  const head = `  ${color.red('left')} ${safe([...place, message].join(': '))} ${color.dim(`[${code}]`)}`;
  return advice === undefined ? head : `${head}\n${color.dim(`    ${safe(advice)}`)}`;
}
