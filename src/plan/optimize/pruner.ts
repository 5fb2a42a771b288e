import type { Fidelity, History } from './sampler.ts';

/** What to do next; `step` is how far, an amount of the fidelity. */
export type NextTrial =
  | { readonly kind: 'start'; readonly step: number }
  | { readonly kind: 'promote'; readonly trial: number; readonly step: number };

/**
 * Decides which trials get more. Pure: what trials reported decides, so a study can be cut off anywhere. A trial that
 * stops is PRUNED, keeps its reports, and may be taken up again: it is RUNNING then.
 */
export interface Pruner {
  /** `median`, `asha`, ...: as it stands in the study and in flags. */
  readonly name: string;
  /** A trial to take up again and how far; or that a new one starts. */
  next(history: History, fidelity: Fidelity): NextTrial;
  /** Whether a running trial stops after what it reported last. */
  shouldStop(history: History, fidelity: Fidelity, trial: number): boolean;
}
