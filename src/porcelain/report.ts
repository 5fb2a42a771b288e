import { placeText } from '../core/edit/describe.ts';
import { type Edit, targetOf } from '../core/edit/edit.ts';
import type { SubgraphStep } from '../core/edit/subgraph-path.ts';
import type { Told } from '../core/edit/tell.ts';
import type { Wrap } from '../core/edit/wraps.ts';
import { countsItself, type InputPlace, isHolder, placeKey, readersOf } from '../core/workflow/effective.ts';
import type { NodePlace } from '../core/workflow/scopes.ts';
import type { Workflow } from '../core/workflow/types.ts';
import type { Change } from './changes.ts';
import { type FileStat, statOf, toldOf } from './stat.ts';

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
  /** What a changed value means elsewhere: the linked inputs that take it, or that a link makes it count for nothing. */
  readonly note?: string;
  /** The node it is about, by the ids of the earlier version; absent for what changed in wrapped nodes. */
  readonly place?: NodePlace;
  /** The nested subgraphs it lies in, from the root inwards. */
  readonly way?: readonly SubgraphStep[];
  /** The nodes that went into a subgraph, or out of one, where the line tells of that. */
  readonly wrap?: Pick<Wrap, 'kept' | 'subgraph' | 'name' | 'instance' | 'nodes'> & {
    readonly direction: Wrap['kind'];
  };
}

/** What changed in one file, in words and numbers. */
export interface FileReport extends FileStat {
  readonly lines: readonly ReportLine[];
}

/** Up to here both versions of a text can be read at a glance. */
const SHORT_TEXT = 60;

/** Tells a change: the graph before its presentation, and all that happened to one node together. */
export function reportOf(change: Change): FileReport {
  const told = toldOf(change);
  const groups = new Map<string, Told[]>();
  for (const one of told) {
    const { scope, node } = one.edit ? targetOf(one.edit) : {};
    // Wraps come first: what follows may lie in what they made.
    const place = [one.presentation ? 1 : 0, scope ?? '', node ?? one.edit?.path.join('/') ?? one.text].join(' ');
    groups.set(place, [...(groups.get(place) ?? []), one]);
  }
  const lines = [...groups].sort(([a], [b]) => a.charCodeAt(0) - b.charCodeAt(0)).flatMap(([, group]) => group);
  const notes = new Notes(change.before);
  const own = new Set(change.edits);
  return {
    ...statOf(change, told),
    lines: lines.map((one) => ({ ...lineOf(one, notes), ...(one.edit && own.has(one.edit) ? placeOf(one.edit) : {}) })),
  };
}

function placeOf(edit: Edit): Pick<ReportLine, 'place'> {
  const { scope, node } = targetOf(edit);
  return node === undefined ? {} : { place: { ...(scope === undefined ? {} : { scope }), node } };
}

/** Tells what the values of one version are for. [EV-3] */
class Notes {
  private readonly workflow: Workflow | undefined;
  private readers: ReturnType<typeof readersOf> | undefined;

  constructor(workflow: Workflow | undefined) {
    this.workflow = workflow;
  }

  on(edit: Edit): string | undefined {
    const { workflow } = this;
    const { scope, node: id, input } = targetOf(edit);
    const node = workflow && (scope === undefined ? workflow : workflow.subgraphs[scope])?.nodes[id ?? ''];
    if (node === undefined || input === undefined) return undefined;
    const place = { ...(scope === undefined ? {} : { scope }), node: id!, input };
    if (Object.hasOwn(node.links, input))
      return countsItself(workflow!, place) ? undefined : 'a link feeds it: this value is not used';
    if (!isHolder(workflow!, node)) return undefined;
    this.readers ??= readersOf(workflow!);
    const readers = this.readers.get(placeKey(place)) ?? [];
    const [first, ...more] = readers.filter((reader) => isRead(workflow!, reader));
    if (first === undefined) return undefined;
    const rest = more.length === 0 ? '' : ` and ${more.length} more`;
    return `read by ${placeText(first, workflow!)}${rest}`;
  }
}

/** Switches and primitives in between hand a value on; what it is for is read at the end. */
function isRead(workflow: Workflow, { scope, node }: InputPlace): boolean {
  const found = (scope === undefined ? workflow : workflow.subgraphs[scope])?.nodes[node];
  return found !== undefined && !isHolder(workflow, found) && found.class_type !== 'ComfySwitchNode';
}

function lineOf(told: Told, notes: Notes): ReportLine {
  const { text, presentation, edit, wrap, way } = told;
  const kind = text.startsWith('+ ') ? 'add' : text.startsWith('- ') ? 'remove' : 'change';
  const line = { text, presentation, kind, ...(way ? { way } : {}) } as const;
  if (wrap) {
    const { edits: _edits, changes: _changes, kind: direction, ...rest } = wrap;
    return { ...line, wrap: { direction, ...rest } };
  }
  if (edit?.kind !== 'set-input') return line;
  const { from, to } = edit;
  const note = notes.on(edit);
  const noted = note === undefined ? line : { ...line, note };
  if (typeof from !== 'string' || typeof to !== 'string' || Math.max(from.length, to.length) <= SHORT_TEXT)
    return noted;
  const input = edit.path.at(-1)!;
  const at = text.indexOf(`: ${input} `);
  const label = at < 0 ? text : text.slice(0, at + 2 + input.length);
  return { ...noted, before: from, after: to, label };
}
