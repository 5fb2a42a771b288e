import type { EditKind } from '../../core/edit/kinds.ts';
import type { Diagnostic, Fix } from '../../core/validate/diagnostic.ts';
import type { Agent, AgentInput } from './agent.ts';
import type { AgentName, Proposal } from './proposal.ts';

/** A warning is no reason to change a file unless what is meant stays the same beyond doubt. */
const WARNING_CONFIDENCE = 0.9;

const STRUCTURAL: ReadonlySet<EditKind> = new Set(['add-node', 'remove-node', 'replace-node']);
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
  if (edits.some(({ kind }) => WIRING.has(kind))) return 'link';
  // What is left is a value, or the form of a node.
  return edits.some(({ kind }) => kind === 'set-input') ? 'parameter' : 'structural';
}

function agentOf(name: AgentName): Agent {
  return {
    name,
    propose: ({ diagnostics, minConfidence }: AgentInput) =>
      diagnostics.flatMap((diagnostic): Proposal[] => {
        const least = leastFor(diagnostic, minConfidence);
        const mine = (diagnostic.fixes ?? []).filter((one) => agentFor(one) === name && one.confidence >= least);
        return mine.map(({ edits, confidence, title: reason }) => {
          return { agent: name, edits, reason, evidence: [diagnostic], confidence };
        });
      }),
  };
}

function leastFor({ severity }: Diagnostic, minConfidence: number): number {
  if (severity === 'info') return Infinity;
  return severity === 'error' ? minConfidence : Math.max(minConfidence, WARNING_CONFIDENCE);
}
