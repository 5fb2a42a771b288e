import type { Json } from '../../../base/json.ts';
import { type DeclaredInput, declaredInputs } from '../../catalog/declared-inputs.ts';
import { isSentWidget } from '../../convert/saved-values.ts';
import { isSentBeside } from '../../convert/widgets.ts';
import { own } from '../../workflow/names.ts';
import { scopesOf } from '../document.ts';
import { nearestNames } from '../nearest.ts';
import { oneOf, shown } from '../words.ts';
import type { Rule } from './rule.ts';

/**
 * [VS-15] A value that a UI file saves by name belongs to an input of the class: the page drops any other. No more than
 * an info, since most such values are those of another version of the class.
 */
export const rule: Rule = {
  name: 'saved-widgets',
  codes: ['INPUT_UNDECLARED'],
  check({ workflow, graph }, report) {
    if (workflow.format !== 'ui') return;
    for (const { id, scope } of scopesOf(workflow)) {
      for (const [node, { class_type, widgets, ui }] of Object.entries(scope.nodes)) {
        const definition = ui.named === true ? graph.catalog.node(class_type) : undefined;
        if (!definition) continue;
        const { byName, open } = declaredInputs(definition, (name): Json | undefined => own(widgets, name));
        const beside = namesBeside(byName.values());
        for (const name of Object.keys(widgets)) {
          if (byName.has(name) || !isSent(class_type, name) || beside.has(name)) continue;
          if (open.some((combo) => name.startsWith(`${combo.name}.`))) continue;
          const near = nearestNames(name, [...byName.keys()]);
          const meant = near.length > 0 ? `: is it ${oneOf(near)}?` : '';
          const message = `${class_type} has no input ${shown(name)}: the page drops its value${meant}`;
          const place = { ...(id === undefined ? {} : { scope: id }), node, class_type, input: name };
          report.add({ code: 'INPUT_UNDECLARED', severity: 'info', message, data: { near } }, place);
        }
      }
    }
  },
};

/** Whether a widget is one of an input, and not of the page; two of one name are told apart by `#`. */
function isSent(classType: string, name: string): boolean {
  return !name.includes('#') && isSentWidget(name) && !isSentBeside(classType, name);
}

/** Widgets that inputs have beside their own: a control with a name of its own, the numbers of a box. */
function namesBeside(inputs: Iterable<DeclaredInput>): Set<string> {
  const names = new Set<string>();
  for (const { type, options } of inputs) {
    if (typeof options.control_after_generate === 'string') names.add(options.control_after_generate);
    if (type === 'BOUNDING_BOX') for (const part of ['x', 'y', 'width', 'height']) names.add(part);
  }
  return names;
}
