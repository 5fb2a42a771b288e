import type { Remark } from '../../convert/remarks.ts';
import type { Workflow } from '../../workflow/types.ts';
import type { DiagnosticCode } from '../diagnostic.ts';
import type { Graph } from '../graph.ts';
import type { Report } from '../report.ts';

/** What rules look at: the document, and what the server is sent of it. */
export interface Subject {
  readonly workflow: Workflow;
  readonly graph: Graph;
  /** What the conversion of a UI document had to say. */
  readonly remarks: readonly Remark[];
}

/** One rule: it looks at the whole subject and reports each fault once. */
export interface Rule {
  /** The name of its file. */
  readonly name: string;
  /** All codes it can report. */
  readonly codes: readonly DiagnosticCode[];
  check(subject: Subject, report: Report): void;
}
