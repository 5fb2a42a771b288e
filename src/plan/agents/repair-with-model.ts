import type { Catalog } from '../../core/catalog/catalog.ts';
import type { Workflow } from '../../core/workflow/types.ts';
import type { Agent } from './agent.ts';
import { type Repair, type RepairOptions, repairWorkflow } from './coordinator.ts';

/**
 * Repairs by rules, then asks a language model about what is left, then lets the rules look at what it made possible. The
 * limits on rounds hold for each of the three, the one on edits for all. Without anything left the model is not asked.
 */
export async function repairWithModel(
  workflow: Workflow,
  catalog: Catalog,
  model: Agent,
  options: RepairOptions = {},
): Promise<Repair> {
  const byRules = await repairWorkflow(workflow, catalog, options);
  if (!byRules.left.some(({ severity }) => severity === 'error')) return byRules;
  const asked = await further(byRules, catalog, { ...options, agents: [model] });
  return asked.accepted.length === byRules.accepted.length ? asked : further(asked, catalog, options);
}

async function further(so: Repair, catalog: Catalog, options: RepairOptions): Promise<Repair> {
  const spent = so.accepted.reduce((sum, { proposal }) => sum + proposal.edits.length, 0);
  const limit = options.maxEdits === undefined ? {} : { maxEdits: Math.max(options.maxEdits - spent, 0) };
  const next = await repairWorkflow(so.after, catalog, { ...options, ...limit });
  return { ...next, accepted: [...so.accepted, ...next.accepted], rounds: so.rounds + next.rounds };
}
