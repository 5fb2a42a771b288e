import { typesFit } from '../../catalog/socket-types.ts';
import type { Fix } from '../diagnostic.ts';
import { fedBy, without } from './changes.ts';
import type { FixContext, Fixer } from './fixer.ts';
import { resembles } from './missing.ts';
import { nodeFix, type Subject, subjectOf } from './subject.ts';

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
  const after = without(subject.node, subject.input);
  const confidence = subject.link ? REMOVE_LINK : IGNORED;
  const title = `take ${subject.input} away: ${subject.node.class_type} has no such input`;
  return { fixes: [...moves(context, subject), nodeFix(context, subject, after, title, confidence)] };
};

function moves(context: FixContext, subject: Subject): Fix[] {
  const { node, place, input, link } = subject;
  const type = link && context.facts.typeOf(link);
  if (!link || type === undefined) return [];
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
  const after = fedBy(without(node, input), to.name, link);
  return [nodeFix(context, subject, after, `move the link of ${input} to ${to.name}`, RENAME)];
}
