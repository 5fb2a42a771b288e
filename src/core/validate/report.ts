import type { Json } from '../../base/json.ts';
import type { InputPlace } from '../workflow/effective.ts';
import { compareIds } from '../workflow/names.ts';
import type { NodePlace } from '../workflow/scopes.ts';
import { DIAGNOSTICS, type Diagnostic, type DiagnosticCode, type Severity } from './diagnostic.ts';
import type { GraphNode } from './graph.ts';

/** A finding before it is placed in the document. */
export interface Finding {
  readonly code: DiagnosticCode;
  readonly message: string;
  /** Where it differs from the usual severity of the code. */
  readonly severity?: Severity;
  readonly data?: Readonly<Record<string, Json>>;
}

/** Where a finding lies; without a node it concerns the whole document. */
export interface FindingPlace {
  readonly scope?: string;
  readonly node?: string;
  readonly class_type?: string;
  readonly input?: string;
}

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** Errors that stay what they are at a node that no result needs: the server looks at all classes, and cycles stay. */
const EVERYWHERE: ReadonlySet<DiagnosticCode> = new Set([
  'NODE_MALFORMED',
  'CLASS_MISSING',
  'CLASS_UNKNOWN',
  'CLASS_REPLACED',
  'LINK_DANGLING',
  'CYCLE',
]);

/** Collects findings: one for each code and place, however many instances of a definition lead to it. */
export class Report {
  private readonly found = new Map<string, Diagnostic>();
  private readonly used: ReadonlySet<GraphNode> | undefined;

  /** `used`: the nodes that some result needs. An error elsewhere is a warning, since the server never gets there. */
  constructor(used?: ReadonlySet<GraphNode>) {
    this.used = used;
  }

  add(finding: Finding, { scope, node, class_type, input }: FindingPlace): void {
    const { code, message, data } = finding;
    const key = JSON.stringify([code, scope, node, input]);
    const known = this.found.get(key);
    const own = severityOf(finding);
    if (known && RANK[known.severity] <= RANK[own]) return;
    this.found.set(key, {
      code,
      severity: own,
      ...(scope === undefined ? {} : { scope }),
      ...(node === undefined ? {} : { node }),
      ...(class_type === undefined ? {} : { class_type }),
      ...(input === undefined ? {} : { input }),
      message,
      ...(data === undefined ? {} : { data }),
    });
  }

  /** A finding at a node of the graph, by its place in the document. */
  atNode(finding: Finding, node: GraphNode, input?: string): void {
    const { place, classType } = node;
    this.add(this.lowered(finding, node), {
      ...place,
      class_type: classType,
      ...(input === undefined ? {} : { input }),
    });
  }

  private lowered(finding: Finding, node: GraphNode): Finding {
    const { code, data } = finding;
    const isError = severityOf(finding) === 'error';
    if (!isError || EVERYWHERE.has(code) || this.used === undefined || this.used.has(node)) return finding;
    return { ...finding, severity: 'warning', data: { ...data, unused: true } };
  }

  /** A finding at the node that holds the value of an input; `data.reader` names the input that reads it. */
  atHolder(finding: Finding, holder: InputPlace & { class_type?: string }, reader: GraphNode, input: string): void {
    const data = { ...finding.data, reader: { ...placeData(reader.place), input } };
    this.add(this.lowered({ ...finding, data }, reader), holder);
  }

  has(code: DiagnosticCode, { scope, node, input }: FindingPlace): boolean {
    return this.found.has(JSON.stringify([code, scope, node, input]));
  }

  /** All findings: errors first, then by place, the root before definitions. */
  list(): Diagnostic[] {
    return sorted([...this.found.values()]);
  }
}

/** How bad a finding is: as it says, else as its code usually is. */
export function severityOf({ code, severity }: Finding): Severity {
  return severity ?? DIAGNOSTICS[code][0];
}

/** Findings in the order in which they are told: errors first, then by scope, node and input. */
export function sorted(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort(
    (a, b) =>
      RANK[a.severity] - RANK[b.severity] ||
      byText(a.scope ?? '', b.scope ?? '') ||
      compareIds(a.node ?? '', b.node ?? '') ||
      byText(a.input ?? '', b.input ?? '') ||
      byText(a.code, b.code),
  );
}

/** A place as data of a finding. */
export function placeData({ scope, node }: NodePlace): Record<string, Json> {
  return scope === undefined ? { node } : { scope, node };
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
