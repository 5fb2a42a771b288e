import type { Edit } from '../../core/edit/edit.ts';
import type { Diagnostic } from '../../core/validate/diagnostic.ts';

/** Who proposes: each agent looks after one kind of fault, `model` asks a language model. */
export type AgentName = 'link' | 'parameter' | 'structural' | 'model';

/** What an agent would change, and why. Nothing is changed by proposing: acceptance is code (`accept.ts`). */
export interface Proposal {
  readonly agent: AgentName;
  readonly edits: readonly Edit[];
  /** One sentence for the commit. */
  readonly reason: string;
  /** The findings it is meant to cure. */
  readonly evidence: readonly Diagnostic[];
  /** How likely it is what the author meant, 0 to 1. */
  readonly confidence: number;
}
