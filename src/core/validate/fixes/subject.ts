import type { Json } from '../../../base/json.ts';
import type { DeclaredInput } from '../../catalog/declared-inputs.ts';
import type { InputPlace } from '../../workflow/effective.ts';
import { own } from '../../workflow/names.ts';
import type { NodePlace } from '../../workflow/scopes.ts';
import type { LinkSource, WorkflowNode } from '../../workflow/types.ts';
import type { Diagnostic, Fix } from '../diagnostic.ts';
import { empty, feed, setTo } from './changes.ts';
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

/** The input of a subject, as a place. */
export function inputOf({ place, input }: Pick<Subject, 'place' | 'input'>): InputPlace {
  return { ...place, input };
}

/** A fix that puts a value into the input of a subject. */
export function setFix(context: FixContext, subject: Subject, value: Json, why: string, confidence: number): Fix {
  const title = `set ${subject.input} to ${shown(value)}: ${why}`;
  return { title, confidence, edits: setTo(context, inputOf(subject), value) };
}

/** A fix that feeds the input of a subject by a link. */
export function feedFix(context: FixContext, subject: Subject, source: LinkSource, confidence: number): Fix {
  const name = `${context.facts.outputName(source)} of ${context.facts.nodes[source.from]?.class_type ?? 'the subgraph'} (${source.from})`;
  return { title: `take ${subject.input} from ${name}`, confidence, edits: feed(context, inputOf(subject), source) };
}

/** A fix that leaves the input of a subject empty. */
export function emptyFix(context: FixContext, subject: Subject, why: string, confidence: number): Fix {
  return { title: `leave ${subject.input} empty: ${why}`, confidence, edits: empty(context, inputOf(subject)) };
}

/** A value in the title of a fix. */
export function shown(value: Json): string {
  const text = JSON.stringify(value, (_key, one) => (typeof one === 'bigint' ? Number(one) : one));
  return text.length > 50 ? `${text.slice(0, 47)}...` : text;
}
