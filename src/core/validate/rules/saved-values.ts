import type { Json } from '../../../base/json.ts';
import type { Remark } from '../../convert/remarks.ts';
import { isSentWidget } from '../../convert/saved-values.ts';
import { isOfPage } from '../../convert/set-up-node.ts';
import { shown } from '../words.ts';
import type { Rule } from './rule.ts';

/** [VS-11] The two copies of a node's values agree: the page restores one or the other, as it is set. */
export const rule: Rule = {
  name: 'saved-values',
  codes: ['VALUES_DISAGREE'],
  check({ remarks }, report) {
    const byNode = new Map<string, Remark[]>();
    for (const remark of remarks) {
      const { code, scope, node, class_type = '', input = '' } = remark;
      if (code !== 'COPIES_DISAGREE' || isOfPage(class_type) || !isSentWidget(input)) continue;
      const key = JSON.stringify([scope, node]);
      byNode.set(key, [...(byNode.get(key) ?? []), remark]);
    }
    for (const [first, ...others] of byNode.values()) {
      const { scope, node, class_type, input, data } = first!;
      const more = others.length > 0 ? `, and ${others.length} more` : '';
      const message = `${input} is ${shown(data!.named)} by name and ${shown(data!.positional)} by position${more}: the page takes the second unless it is set to restore by name`;
      const inputs = [first!, ...others].map((one): Json => ({ input: one.input ?? '', ...one.data }));
      report.add({ code: 'VALUES_DISAGREE', message, data: { inputs } }, { scope, node, class_type });
    }
  },
};
