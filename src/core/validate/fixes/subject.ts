import type { Json } from '../../../base/json.ts';
import type { DeclaredInput } from '../../catalog/declared-inputs.ts';
import { own } from '../../workflow/names.ts';
import type { NodePlace } from '../../workflow/scopes.ts';
import type { LinkSource, WorkflowNode } from '../../workflow/types.ts';
import type { Diagnostic, Fix } from '../diagnostic.ts';
import { changeNode } from './changes.ts';
import { type FixContext, placeOf } from './fixer.ts';

/** The input that a finding is about, and what it holds. */
export interface Subject {
  readonly place: NodePlace;
  readonly node: WorkflowNode;
  readonly input: string;
  /** Absent where the class has no such input. */
  readonly declared?: DeclaredInput;
  readonly value?: Json;
  readonly link?: LinkSource;
}

/** Looks up the input of a finding; undefined where its node is not there. */
export function subjectOf(diagnostic: Diagnostic, { facts }: FixContext): Subject | undefined {
  const { node: id, input } = diagnostic;
  const node = id === undefined ? undefined : own(facts.nodes, id);
  if (id === undefined || node === undefined || input === undefined) return undefined;
  const declared = facts.declared(id).get(input);
  const value = own(node.widgets, input);
  const link = own(node.links, input);
  return {
    place: placeOf(diagnostic),
    node,
    input,
    ...(declared === undefined ? {} : { declared }),
    ...(value === undefined ? {} : { value }),
    ...(link === undefined ? {} : { link }),
  };
}

/** A fix that changes the node of a subject and nothing else. */
export function nodeFix(
  { workflow }: FixContext,
  { place }: Pick<Subject, 'place'>,
  after: WorkflowNode | undefined,
  title: string,
  confidence: number,
): Fix {
  return { title, confidence, edits: changeNode(workflow, place, after) };
}

/** A value in the title of a fix. */
export function shown(value: Json): string {
  const text = JSON.stringify(value, (_key, one) => (typeof one === 'bigint' ? Number(one) : one));
  return text.length > 50 ? `${text.slice(0, 47)}...` : text;
}
