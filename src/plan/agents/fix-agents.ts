import type { EditKind } from '../../core/edit/kinds.ts';
import type { Diagnostic, Fix } from '../../core/validate/diagnostic.ts';
import type { Agent, AgentInput } from './agent.ts';
import type { AgentName, Proposal } from './proposal.ts';

/** A warning is no reason to change a file unless what is meant stays the same beyond doubt. */
const WARNING_CONFIDENCE = 0.9;

const STRUCTURAL: ReadonlySet<EditKind> = new Set(['add-node', 'remove-node', 'replace-node', 'set-presentation']);
const WIRING: ReadonlySet<EditKind> = new Set(['connect', 'disconnect']);

/** Looks after links: where an input takes from, and which link of a cycle to cut. */
export const linkAgent: Agent = agentOf('link');

/** Looks after values: what an input holds. */
export const parameterAgent: Agent = agentOf('parameter');

/** Looks after nodes: their classes, nodes that are broken or missing. */
export const structuralAgent: Agent = agentOf('structural');

/** The agent whose kind of change a fix is. */
export function agentFor({ edits }: Fix): AgentName {
  if (edits.some(({ kind }) => STRUCTURAL.has(kind))) return 'structural';
  return edits.some(({ kind }) => WIRING.has(kind)) ? 'link' : 'parameter';
}

function agentOf(name: AgentName): Agent {
  return {
    name,
    propose: ({ diagnostics, minConfidence }: AgentInput) =>
      diagnostics.flatMap((diagnostic): Proposal[] => {
        const least = leastFor(diagnostic, minConfidence);
        const fix = diagnostic.fixes?.find((one) => agentFor(one) === name);
        if (!fix || fix.confidence < least) return [];
        const { edits, confidence, title: reason } = fix;
        return [{ agent: name, edits, reason, evidence: [diagnostic], confidence }];
      }),
  };
}

function leastFor({ severity }: Diagnostic, minConfidence: number): number {
  if (severity === 'info') return Infinity;
  return severity === 'error' ? minConfidence : Math.max(minConfidence, WARNING_CONFIDENCE);
}
