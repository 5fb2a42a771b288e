import type { RemarkCode } from '../../convert/remarks.ts';
import type { Rule } from './rule.ts';

/** Remarks that a rule of the document or of the graph says better. */
const SAID_ELSEWHERE: ReadonlySet<RemarkCode> = new Set([
  'LINK_DANGLING',
  'DEFINITION_MISSING',
  'DEFINITION_CYCLE',
  'CLASS_OF_PAGE',
]);

/** [VS-14] What keeps the page from making a prompt, where no other rule says it. */
export const rule: Rule = {
  name: 'conversion',
  codes: ['CONVERSION', 'CYCLE'],
  check({ remarks }, report) {
    for (const { code, severity, scope, node, class_type, input, message } of remarks) {
      if (severity !== 'error' || SAID_ELSEWHERE.has(code)) continue;
      const place = { scope, node, class_type, input };
      // Values of a class that is not known have no names because of that.
      if (code === 'VALUE_UNNAMED' && report.has('CLASS_UNKNOWN', { scope, node })) continue;
      report.add({ code: code === 'LINK_CYCLE' ? 'CYCLE' : 'CONVERSION', message, data: { remark: code } }, place);
    }
  },
};
