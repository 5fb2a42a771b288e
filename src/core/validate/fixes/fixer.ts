import type { Catalog } from '../../catalog/catalog.ts';
import type { FileLists } from '../../catalog/check-value.ts';
import type { NodePlace } from '../../workflow/scopes.ts';
import type { Workflow } from '../../workflow/types.ts';
import type { Diagnostic, Fix } from '../diagnostic.ts';
import type { Facts } from './facts.ts';

/** What a fixer looks at. `facts` are those of the scope that the finding stands in. */
export interface FixContext {
  readonly workflow: Workflow;
  readonly catalog: Catalog;
  readonly files: FileLists;
  readonly facts: Facts;
}

/** What can be done about one finding: fixes in any order, and what to decide where no fix is safe. */
export interface Remedy {
  readonly fixes: readonly Fix[];
  readonly advice?: string;
}

/** Looks for a cure of one kind of finding. */
export type Fixer = (diagnostic: Diagnostic, context: FixContext) => Remedy;

/** A remedy that only tells what to decide. */
export function advise(advice: string): Remedy {
  return { fixes: [], advice };
}

/** The node a finding is about, as a place. */
export function placeOf({ scope, node }: Diagnostic): NodePlace {
  return scope === undefined ? { node: node ?? '' } : { scope, node: node ?? '' };
}
