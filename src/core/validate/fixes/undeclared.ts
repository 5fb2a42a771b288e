import { typesFit } from '../../catalog/socket-types.ts';
import type { Fix } from '../diagnostic.ts';
import { moved } from './changes.ts';
import type { FixContext, Fixer } from './fixer.ts';
import { resembles } from './missing.ts';
import { emptyFix, inputOf, type Subject, subjectOf } from './subject.ts';

const IGNORED = 0.5;
const REMOVE_LINK = 0.8;
const RENAME = 0.9;

/**
 * INPUT_UNDECLARED, LINK_UNDECLARED: a link moves to the free input it resembles, or to the next slot of the growing
 * input it was meant for; what the class does not know is taken away.
 */
export const fixUndeclared: Fixer = (diagnostic, context) => {
  const subject = subjectOf(diagnostic, context);
  if (!subject || subject.declared) return { fixes: [] };
  const confidence = subject.link ? REMOVE_LINK : IGNORED;
  return {
    fixes: [
      ...moves(context, subject),
      emptyFix(context, subject, `${subject.node.class_type} has no such input`, confidence),
    ],
  };
};

function moves(context: FixContext, subject: Subject): Fix[] {
  const { node, place, input, link } = subject;
  const type = link && context.facts.typeOf(link);
  if (!link || type === undefined || context.workflow.format === 'ui') return [];
  const free = [...context.facts.declared(place.node).values()].filter(
    ({ name, type: wanted }) =>
      !Object.hasOwn(node.links, name) && !Object.hasOwn(node.widgets, name) && typesFit(type, wanted),
  );
  const prefix = input.slice(0, input.lastIndexOf('.') + 1);
  const slot =
    prefix === '' ? undefined : free.find(({ growing }) => growing !== undefined && `${growing}.` === prefix);
  const alike = free.filter(({ name, growing }) => growing === undefined && resembles(name, input));
  const to = slot ?? (alike.length === 1 ? alike[0] : undefined);
  if (!to) return [];
  return [
    {
      title: `move the link of ${input} to ${to.name}`,
      confidence: RENAME,
      edits: moved(context, inputOf(subject), to.name),
    },
  ];
}
