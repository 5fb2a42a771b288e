import type { RepairInput, RepairOutput } from '../../src/porcelain/repair.ts';
import type { Io } from '../io.ts';
import { count } from './commits.ts';
import { safe } from './safe.ts';

type Step = Parameters<NonNullable<RepairInput['report']>>[0];

/** One step of a repair as a line for the person who waits. */
export function stepLine(step: Step): string {
  switch (step.step) {
    case 'validate':
      return `validate: ${count(step.errors, 'error')}, ${count(step.warnings, 'warning')}`;
    case 'analyse':
      return `analyse: ${step.agent} proposes ${count(step.proposals, 'change')}`;
    case 'hand-off':
      return `hand-off: ${step.from} -> ${step.to}`;
    case 'patch':
      return `patch: ${step.agent}: ${step.reason}`;
    case 'refuse':
      return `refused: ${step.agent}: ${step.reason} (${step.why})`;
  }
}

/** A finding that is left, with what to decide. */
export function findingLine({ color }: Io, one: RepairOutput['left'][number]): string {
  const { node, class_type, input, message, code, advice } = one;
  const place = [node === undefined ? '' : `${class_type ?? 'node'} (${node})`, input ?? ''].filter(
    (part) => part !== '',
  );
  const head = `  ${color.red('left')} ${safe([...place, message].join(': '))} ${color.dim(`[${code}]`)}`;
  return advice === undefined ? head : `${head}\n${color.dim(`    ${safe(advice)}`)}`;
}
