import { REPLACEMENTS } from '../../catalog/replacements.ts';
import { isOfPage } from '../../convert/set-up-node.ts';
import { isDefinitionId } from '../document.ts';
import type { GraphNode } from '../graph.ts';
import { nearestNames } from '../nearest.ts';
import { oneOf, shown } from '../words.ts';
import type { Rule } from './rule.ts';

/** [VS-3] The class of each node, whether an output needs it or not: the server looks at all of them. */
export const rule: Rule = {
  name: 'classes',
  codes: ['CLASS_UNKNOWN', 'CLASS_REPLACED', 'CLASS_DEPRECATED'],
  check({ workflow, graph }, report) {
    const nearest = new Map<string, string[]>();
    for (const node of graph.nodes.values()) {
      const { classType, definition } = node;
      if (definition?.flags.includes('deprecated'))
        report.atNode({ code: 'CLASS_DEPRECATED', message: 'the class is marked as deprecated' }, node);
      if (definition || classType === '') continue;
      // Instances and group nodes have findings of their own.
      if (workflow.format === 'ui' && (isDefinitionId(classType) || /^workflow[>/]/.test(classType))) continue;
      const replacement = REPLACEMENTS.get(classType);
      if (replacement && graph.catalog.node(replacement.to)) {
        report.atNode({ code: 'CLASS_REPLACED', ...replaced(node, replacement.to) }, node);
        continue;
      }
      const names = nearest.get(classType) ?? nearestNames(classType, graph.catalog.classes());
      nearest.set(classType, names);
      report.atNode({ code: 'CLASS_UNKNOWN', ...unknown(node, names) }, node);
    }
  },
};

function replaced({ hasMeta }: GraphNode, to: string) {
  const data = { to };
  if (hasMeta) return { message: `the server puts ${to} in its place`, data };
  const message = `the server would put ${to} in its place, and fails because the node has no _meta`;
  return { severity: 'error' as const, message, data };
}

function unknown({ classType }: GraphNode, near: readonly string[]) {
  const data = { near: [...near] };
  if (isOfPage(classType))
    return { message: `${classType} is a node of ComfyUI's page: no server has that class`, data };
  const meant = near.length > 0 ? `: is it ${oneOf(near)}?` : '';
  return { message: `there is no class ${shown(classType)}${meant}`, data };
}
