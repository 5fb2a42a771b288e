import type { Scope, Workflow } from '../workflow/types.ts';

/** One scope of a document with what it carries: the root (without an id) or a definition. */
export interface DocumentScope {
  readonly id: string | undefined;
  readonly scope: Scope & Pick<Workflow, 'ui'>;
}

/** The root and all definitions. */
export function scopesOf(workflow: Workflow): DocumentScope[] {
  const inner = Object.entries(workflow.subgraphs).map(([id, scope]): DocumentScope => ({ id, scope }));
  return [{ id: undefined, scope: workflow }, ...inner];
}

/** Whether a class is the id of a subgraph definition, as ComfyUI's page makes them. */
export function isDefinitionId(classType: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(classType);
}
