/** What a conversion can have to say; docs/conversion.md explains each. */
export type DiagnosticCode =
  | 'BROWSER_VALUE'
  | 'CHOICE_BY_CHANCE'
  | 'CLASS_OF_PAGE'
  | 'CLASS_UNKNOWN'
  | 'COPIES_DISAGREE'
  | 'DEFINITION_CYCLE'
  | 'DEFINITION_MISSING'
  | 'GROUP_NODE'
  | 'INPUT_UNKNOWN'
  | 'LINK_CYCLE'
  | 'LINK_DANGLING'
  | 'LINK_LOOSE'
  | 'NUMBER_ROUNDED'
  | 'OPTION_UNKNOWN'
  | 'TOO_LARGE'
  | 'VALUE_ADDED'
  | 'VALUE_CHANGED'
  | 'VALUE_COUNT'
  | 'VALUE_HELD'
  | 'VALUE_LOST'
  | 'VALUE_MISFIT'
  | 'VALUE_MISSING'
  | 'VALUE_UNNAMED';

/** One remark on a place of the workflow. With an error nothing is written: the prompt would lose or invent something. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: 'error' | 'warning';
  /** The subgraph definition it is in, by name; absent in the root. */
  readonly subgraph?: string;
  /** Id of the node in its scope. */
  readonly node?: string;
  readonly class_type?: string;
  readonly input?: string;
  readonly message: string;
}

const ERRORS: ReadonlySet<DiagnosticCode> = new Set([
  'CLASS_OF_PAGE',
  'DEFINITION_CYCLE',
  'DEFINITION_MISSING',
  'GROUP_NODE',
  'LINK_CYCLE',
  'LINK_DANGLING',
  'TOO_LARGE',
  'VALUE_LOST',
  'VALUE_UNNAMED',
]);

/** Where something is remarked on: the scope and the node, in the words of a file. */
export interface Subject {
  readonly scope: { readonly id: string | undefined; readonly name: string };
  readonly node?: { readonly id: string; readonly classType: string };
  readonly input?: string;
}

/** Collects remarks; the same one is made once, however many instances lead to it. */
export class Remarks {
  private readonly found = new Map<string, Diagnostic>();

  add(code: DiagnosticCode, { scope, node, input }: Subject, message: string): void {
    const diagnostic: Diagnostic = {
      code,
      severity: ERRORS.has(code) ? 'error' : 'warning',
      ...(scope.id === undefined ? {} : { subgraph: scope.name || scope.id }),
      ...(node ? { node: node.id, class_type: node.classType } : {}),
      ...(input === undefined ? {} : { input }),
      message,
    };
    this.found.set(JSON.stringify(diagnostic), diagnostic);
  }

  /** All of them, errors first. */
  list(): Diagnostic[] {
    const all = [...this.found.values()];
    const errors = all.filter(({ severity }) => severity === 'error');
    return [...errors, ...all.filter(({ severity }) => severity !== 'error')];
  }
}
