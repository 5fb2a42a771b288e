import type { Json } from '../../base/json.ts';
import type { FileIds } from './origins.ts';

/** What a conversion can have to say; docs/conversion.md explains each. */
export type RemarkCode =
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
export interface Remark {
  readonly code: RemarkCode;
  readonly severity: 'error' | 'warning';
  /** The subgraph definition it is in, by name; absent in the root. */
  readonly subgraph?: string;
  /** The id of that definition. */
  readonly scope?: string;
  /** Id of the node in its scope. */
  readonly node?: string;
  readonly class_type?: string;
  readonly input?: string;
  readonly message: string;
  /** The two values, where copies disagree. */
  readonly data?: { readonly named: Json; readonly positional: Json };
}

const ERRORS: ReadonlySet<RemarkCode> = new Set([
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
  private readonly found = new Map<string, Remark>();
  private readonly ids: FileIds | undefined;

  /** `ids`: what the file calls nodes that were given other ids. */
  constructor(ids?: FileIds) {
    this.ids = ids;
  }

  add(code: RemarkCode, { scope, node, input }: Subject, message: string, data?: Remark['data']): void {
    const place = node && this.ids ? this.ids.place(scope, node) : { node: node?.id };
    const remark: Remark = {
      code,
      severity: ERRORS.has(code) ? 'error' : 'warning',
      ...(scope.id === undefined ? {} : { subgraph: scope.name || scope.id, scope: scope.id }),
      ...(node ? { node: place.node, class_type: node.classType } : {}),
      ...(input === undefined ? {} : { input }),
      message,
      ...(data === undefined ? {} : { data }),
    };
    this.found.set(JSON.stringify([code, remark.scope, remark.node, input, message]), remark);
  }

  /** All of them, errors first. */
  list(): Remark[] {
    const all = [...this.found.values()];
    const errors = all.filter(({ severity }) => severity === 'error');
    return [...errors, ...all.filter(({ severity }) => severity !== 'error')];
  }
}
