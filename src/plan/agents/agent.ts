import type { Catalog } from '../../core/catalog/catalog.ts';
import type { FileLists } from '../../core/catalog/check-value.ts';
import type { Diagnostic } from '../../core/validate/diagnostic.ts';
import type { Workflow } from '../../core/workflow/types.ts';
import type { AgentName, Proposal } from './proposal.ts';

/** What an agent decides from. Findings carry their fixes (`withFixes`). */
export interface AgentInput {
  readonly workflow: Workflow;
  readonly catalog: Catalog;
  readonly diagnostics: readonly Diagnostic[];
  readonly files: FileLists;
  /** Counted from 1. */
  readonly round: number;
  /** Fixes less sure than this are shown to people and not proposed. */
  readonly minConfidence: number;
}

/** A decider: looks at the faults of a workflow and proposes what would cure some of them. It changes nothing. */
export interface Agent {
  readonly name: AgentName;
  propose(input: AgentInput): readonly Proposal[] | Promise<readonly Proposal[]>;
}
