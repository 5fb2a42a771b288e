import type { Json } from '../../base/json.ts';
import type { Edit } from '../edit/edit.ts';
import type { NodeId } from '../workflow/types.ts';

/** How bad a finding is: with an error the workflow fails or does something else than it says. */
export type Severity = 'error' | 'warning' | 'info';

/** One finding. Its place is named in the words of the document that was validated, not of the prompt made of it. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** Subgraph definition (uuid) the node stands in; absent in the root. */
  readonly scope?: string;
  readonly node?: NodeId;
  readonly class_type?: string;
  readonly input?: string;
  readonly message: string;
  /** What the message is made of, for programs: values, types, options, the nodes of a cycle. */
  readonly data?: Readonly<Record<string, Json>>;
  /** What would cure it, best first. Only there where it was asked for (`withFixes`). */
  readonly fixes?: readonly Fix[];
  /** What somebody has to decide where no cure is safe (`withFixes`). */
  readonly advice?: string;
}

/** Edits that cure a finding. */
export interface Fix {
  /** What it does, in words. */
  readonly title: string;
  /** How likely it is what the author meant, 0 to 1. */
  readonly confidence: number;
  readonly edits: readonly Edit[];
}

/** Everything that can be found, with its usual severity and what it means. Rendered to docs/diagnostics.md. */
export const DIAGNOSTICS = {
  NODE_MALFORMED: ['error', 'an entry of the prompt is no node, or its inputs are no object'],
  CLASS_MISSING: ['error', 'a node does not say its class'],
  CLASS_UNKNOWN: ['error', 'the catalog has no such class'],
  CLASS_REPLACED: ['warning', 'the server puts another class in its place'],
  CLASS_DEPRECATED: ['info', 'the class is marked as deprecated'],
  INPUT_MISSING: ['error', 'a required input has neither value nor link'],
  INPUT_UNDECLARED: ['warning', 'the class has no such input: its value is ignored'],
  LINK_UNDECLARED: ['error', 'the class has no such input, and a link feeds it: the node fails when it runs'],
  LINK_MALFORMED: ['error', 'a list that is meant as a link and is none'],
  LINK_DANGLING: ['error', 'a link from a node that is not there: it kills the worker of the server'],
  SLOT_OUT_OF_RANGE: ['error', 'a link from an output that the node does not have'],
  TYPE_MISMATCH: ['error', 'a link of a type that the input does not take'],
  VALUE_ON_LINK_INPUT: ['error', 'a plain value in an input that takes links only'],
  VALUE_WRONG_TYPE: ['error', 'a value that cannot be read as the type of the input'],
  VALUE_CAST: ['warning', 'a value of another type, which the server reads in its own way'],
  VALUE_NOT_FINITE: ['error', 'a number that is infinite or none'],
  VALUE_TOO_SMALL: ['error', 'a number below the least one'],
  VALUE_TOO_BIG: ['error', 'a number above the greatest one'],
  VALUE_OFF_STEP: ['warning', 'a number between the steps of the input'],
  VALUE_NOT_IN_LIST: ['error', 'a value that is none of the options'],
  OPTION_UNKNOWN: ['error', 'the key of a dynamic combo that is none of its options, or is absent'],
  FILE_MISSING: ['error', 'a file that the server does not have'],
  GROWING_GAP: ['info', 'a growing input with an empty slot before a full one'],
  CYCLE: ['error', 'nodes that wait for each other'],
  OUTPUT_MISSING: ['error', 'no node that gives a result'],
  NODE_UNUSED: ['warning', 'nodes that lead to no result'],
  LINK_LIES: ['error', 'the link table of a UI file and its sockets disagree'],
  VALUES_DISAGREE: ['warning', 'a UI file saves two values for one widget'],
  SUBGRAPH_MISSING: ['error', 'an instance of a definition that is not there'],
  SUBGRAPH_RECURSIVE: ['error', 'a definition that contains itself'],
  SUBGRAPH_INTERFACE: ['error', 'an instance and its definition disagree about inputs or outputs'],
  NODE_OFF: ['error', 'a required input waits for a muted node'],
  CONVERSION: ['error', 'the page could not make a prompt of it'],
} as const satisfies Readonly<Record<string, readonly [Severity, string]>>;

export type DiagnosticCode = keyof typeof DIAGNOSTICS;
