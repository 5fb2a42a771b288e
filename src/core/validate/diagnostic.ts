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

/** Everything that can be found: its usual severity, what it means, and the next step. Rendered to docs/diagnostics.md. */
export const DIAGNOSTICS = {
  NODE_MALFORMED: [
    'error',
    'an entry of the prompt is no node, or its inputs are no object',
    'Remove the entry, or write {"class_type": ..., "inputs": {...}}.',
  ],
  CLASS_MISSING: ['error', 'a node does not say its class', 'Say the class: "class_type": "KSampler".'],
  CLASS_UNKNOWN: [
    'error',
    'the catalog has no such class',
    'Take a class that the server has, or install the node pack it comes from; --object-info judges by your own server.',
  ],
  CLASS_REPLACED: ['warning', 'the server puts another class in its place', 'Put the new class there yourself.'],
  CLASS_DEPRECATED: ['info', 'the class is marked as deprecated', 'It still works; look for its successor.'],
  INPUT_MISSING: ['error', 'a required input has neither value nor link', 'Give the input a value or a link.'],
  INPUT_UNDECLARED: [
    'warning',
    'the class has no such input: its value is ignored',
    'Remove the value, or use the name of an input that the class has.',
  ],
  LINK_UNDECLARED: [
    'error',
    'the class has no such input, and a link feeds it: the node fails when it runs',
    'Disconnect the input, or link one that the class has.',
  ],
  LINK_MALFORMED: [
    'error',
    'a list that is meant as a link and is none',
    'Write ["<node id>", <output number>], or wrap a list of values: {"__value__": [...]}.',
  ],
  LINK_DANGLING: [
    'error',
    'a link from a node that is not there: it kills the worker of the server',
    'Disconnect the input, or link it to a node that is there.',
  ],
  SLOT_OUT_OF_RANGE: [
    'error',
    'a link from an output that the node does not have',
    'Link an output that the node has; the first is 0.',
  ],
  TYPE_MISMATCH: [
    'error',
    'a link of a type that the input does not take',
    'Link an output of the type that the input takes, or put a node between that converts.',
  ],
  VALUE_ON_LINK_INPUT: [
    'error',
    'a plain value in an input that takes links only',
    'Link the input to a node that gives what it takes.',
  ],
  VALUE_WRONG_TYPE: [
    'error',
    'a value that cannot be read as the type of the input',
    'Write a value of the type of the input.',
  ],
  VALUE_CAST: [
    'warning',
    'a value of another type, which the server reads in its own way',
    'Write the value as the server will read it.',
  ],
  VALUE_NOT_FINITE: ['error', 'a number that is infinite or none', 'Write a finite number.'],
  VALUE_TOO_SMALL: ['error', 'a number below the least one', 'Write a number within the range of the input.'],
  VALUE_TOO_BIG: ['error', 'a number above the greatest one', 'Write a number within the range of the input.'],
  VALUE_OFF_STEP: [
    'warning',
    'a number between the steps of the input',
    'Nothing fails; the page would round the number to the nearest step.',
  ],
  VALUE_NOT_IN_LIST: ['error', 'a value that is none of the options', 'Write one of the options, in the same case.'],
  OPTION_UNKNOWN: [
    'error',
    'the key of a dynamic combo that is none of its options, or is absent',
    'Choose one of the options; what stands below it follows from that.',
  ],
  FILE_MISSING: [
    'error',
    'a file that the server does not have',
    'Put the file on the server, or name one that it has.',
  ],
  GROWING_GAP: [
    'info',
    'a growing input with an empty slot before a full one',
    'Nothing fails; link the slots in order.',
  ],
  CYCLE: ['error', 'nodes that wait for each other', 'Disconnect one of the links.'],
  OUTPUT_MISSING: [
    'error',
    'no node that gives a result',
    'Add a node that saves or shows something, such as SaveImage or PreviewImage.',
  ],
  NODE_UNUSED: ['warning', 'nodes that lead to no result', 'Link it to what needs it, or remove it.'],
  LINK_LIES: [
    'error',
    'the link table of a UI file and its sockets disagree',
    'Open the file in ComfyUI, look at the input, and save it again.',
  ],
  VALUES_DISAGREE: [
    'warning',
    'a UI file saves two values for one widget',
    'Set the value anew, so that both copies say the same.',
  ],
  SUBGRAPH_MISSING: [
    'error',
    'an instance of a definition that is not there',
    'Take the definition from the file the node was copied from, or remove the node.',
  ],
  SUBGRAPH_RECURSIVE: [
    'error',
    'a definition that contains itself',
    'Remove the instance of the definition from inside it.',
  ],
  SUBGRAPH_INTERFACE: [
    'error',
    'an instance and its definition disagree about inputs or outputs',
    'Link an input that the definition has, or add it to the definition.',
  ],
  NODE_OFF: [
    'error',
    'a required input waits for a muted node',
    'Switch the node on, or link the input to another one.',
  ],
  CONVERSION: [
    'error',
    'the page could not make a prompt of it',
    'Change what the message names; `cwf convert` tells the same.',
  ],
} as const satisfies Readonly<Record<string, readonly [Severity, string, string]>>;

export type DiagnosticCode = keyof typeof DIAGNOSTICS;
