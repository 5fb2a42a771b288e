import { describeEdit } from '../core/edit/describe.ts';
import { type Edit, isPresentationEdit, targetOf } from '../core/edit/edit.ts';
import type { Workflow } from '../core/workflow/types.ts';
import type { Change } from './changes.ts';
import { type FileStat, statOf } from './stat.ts';

/** One edit in words. */
export interface ReportLine {
  /** `KSampler "portrait" (3): steps 20 -> 30`; texts of the file are in it as they are. */
  readonly text: string;
  readonly presentation: boolean;
  /** Whether something as a whole was added or removed. */
  readonly kind: 'add' | 'remove' | 'change';
  /** Of a changed text too long for one line: both versions, and what stands before them in `text`. */
  readonly before?: string;
  readonly after?: string;
  readonly label?: string;
}

/** What changed in one file, in words and numbers. */
export interface FileReport extends FileStat {
  readonly lines: readonly ReportLine[];
}

/** Up to here both versions of a text can be read at a glance. */
const SHORT_TEXT = 60;

/** Tells a change edit by edit: the graph before its presentation, and all that happened to one node together. */
export function reportOf(change: Change): FileReport {
  const groups = new Map<string, Edit[]>();
  for (const edit of change.edits) {
    const { scope, node } = targetOf(edit);
    const place = [isPresentationEdit(edit) ? 1 : 0, scope ?? '', node ?? edit.path.join('/')].join(' ');
    groups.set(place, [...(groups.get(place) ?? []), edit]);
  }
  const edits = [...groups].sort(([a], [b]) => a.charCodeAt(0) - b.charCodeAt(0)).flatMap(([, group]) => group);
  return { ...statOf(change), lines: edits.map((edit) => lineOf(edit, change.before!, change.after!)) };
}

function lineOf(edit: Edit, before: Workflow, after: Workflow): ReportLine {
  const text = describeEdit(edit, before, after);
  const presentation = isPresentationEdit(edit);
  const kind = text.startsWith('+ ') ? 'add' : text.startsWith('- ') ? 'remove' : 'change';
  const line = { text, presentation, kind } as const;
  if (edit.kind !== 'set-input') return line;
  const { from, to } = edit;
  if (typeof from !== 'string' || typeof to !== 'string' || Math.max(from.length, to.length) <= SHORT_TEXT) return line;
  const input = edit.path.at(-1)!;
  const at = text.indexOf(`: ${input} `);
  const label = at < 0 ? text : text.slice(0, at + 2 + input.length);
  return { ...line, before: from, after: to, label };
}
