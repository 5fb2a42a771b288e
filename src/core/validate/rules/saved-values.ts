import type { Json } from '../../../base/json.ts';
import { isSentWidget } from '../../convert/saved-values.ts';
import { isOfPage } from '../../convert/set-up-node.ts';
import { scopesOf } from '../document.ts';
import { shown } from '../words.ts';
import type { Rule } from './rule.ts';

/** [VS-11] The two copies of a node's values agree: the page restores one or the other, as it is set. */
export const rule: Rule = {
  name: 'saved-values',
  codes: ['VALUES_DISAGREE'],
  check({ workflow }, report) {
    for (const { id, scope } of scopesOf(workflow)) {
      for (const [node, { class_type, widgets, positional }] of Object.entries(scope.nodes)) {
        const names = positional && !isOfPage(class_type) ? Object.keys(positional).filter(isSentWidget) : [];
        const [first] = names;
        if (first === undefined) continue;
        const more = names.length > 1 ? `, and ${names.length - 1} more` : '';
        const message = `${first} is ${shown(widgets[first] ?? null)} by name and ${shown(positional![first]!)} by position${more}: the page takes the second unless it is set to restore by name`;
        const inputs = names.map(
          (name): Json => ({ input: name, named: widgets[name] ?? null, positional: positional![name]! }),
        );
        const place = { ...(id === undefined ? {} : { scope: id }), node, class_type };
        report.add({ code: 'VALUES_DISAGREE', message, data: { inputs } }, place);
      }
    }
  },
};
