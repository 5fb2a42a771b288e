import type { Json } from '../base/json.ts';
import { jsonEqual } from '../base/json-text.ts';
import { defaultCatalog } from '../core/catalog/catalog.ts';
import { isClean, type MergeResult, merge3, type Resolution } from '../core/edit/merge.ts';
import { readWorkflow } from '../core/workflow/read.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { formatWorkflow, writeWorkflow } from '../core/workflow/write.ts';
import { mergeText } from '../io/drivers/merge-file.ts';
import { conflictsOf } from './conflict-list.ts';
import { leftToGit, readDriverFile } from './driver-file.ts';

/** One file as git hands it to a merge driver. */
export interface DriverMerge {
  /** `%P`: its name in the tree. */
  readonly file: string;
  /** `%O`, `%A`, `%B`; an empty base where both sides added the file. */
  readonly base: Uint8Array;
  readonly ours: Uint8Array;
  readonly theirs: Uint8Array;
  /** `%L`: length of conflict markers. */
  readonly markerSize: number;
  /** `%S`, `%X`, `%Y`: what git calls the sides, where it tells. */
  readonly labels: { readonly base: string; readonly ours: string; readonly theirs: string };
  /** The result is a virtual base of several (criss-cross): it must be a workflow, whatever is open. */
  readonly isVirtual?: boolean;
}

/** What becomes of the file: `undecided` leaves it to the caller's own last resort, git's merge of the raw bytes. */
export type DriverMerged =
  | { readonly kind: 'clean' | 'conflict'; readonly bytes: Uint8Array; readonly notes: readonly string[] }
  | { readonly kind: 'undecided'; readonly notes: readonly string[] };

type Sides = Readonly<Record<'base' | 'ours' | 'theirs', Workflow>>;

/** Resolutions that bring up other violations, one after the other. */
const MAX_ROUNDS = 16;

/**
 * Merges one file of a `git merge`, `rebase`, `cherry-pick`, `revert` or `stash pop`. [GD-5] Workflows node by node;
 * with open decisions the file holds all that merged, with git's conflict markers where somebody has to choose [GD-6].
 * Anything else, and a file that cannot be read, as git merges lines.
 */
export function mergeDriver(input: DriverMerge): DriverMerged {
  const files = { ours: input.ours, base: input.base, theirs: input.theirs };
  const sides: Partial<Record<keyof Sides, Workflow>> = {};
  const notes: string[] = [];
  for (const side of ['base', 'ours', 'theirs'] as const) {
    const read = readDriverFile(files[side], `${input.file} (${side})`);
    if (read.kind === 'workflow') sides[side] = read.workflow;
    else if (read.kind === 'broken') notes.push(leftToGit(read.error));
  }
  const { base, ours, theirs } = sides;
  if (base && ours && theirs) return mergeWorkflows(input, { base, ours, theirs });
  // Both added the file: two workflows that nobody has a base for are not joined node by node [MG-8].
  if (input.base.length === 0 && ours && theirs) return mergeAdded(input, ours, theirs);
  return byLines(input, files, notes);
}

function mergeWorkflows(input: DriverMerge, { base, ours, theirs }: Sides): DriverMerged {
  const result = merge3(base, ours, theirs);
  const notes = result.reminted.map(
    ({ what, from, to }) => `cwf: ${input.file}: ${what} ${from} of one side is now ${to}`,
  );
  if (isClean(result) || input.isVirtual) return { kind: 'clean', bytes: asBytes(input, result.workflow), notes };
  const open = conflictsOf(input.file, result).map(({ text }) => `cwf: ${input.file}: open: ${text}`);
  const texts = {
    base: canonical(input, result.workflow),
    ours: canonical(input, decided(base, ours, theirs, 'ours')),
    theirs: canonical(input, decided(base, ours, theirs, 'theirs')),
  };
  return marked(input, texts, { ours: formatWorkflow(ours), theirs: formatWorkflow(theirs) }, [...notes, ...open]);
}

function mergeAdded(input: DriverMerge, ours: Workflow, theirs: Workflow): DriverMerged {
  if (jsonEqual(ours as unknown as Json, theirs as unknown as Json)) {
    return { kind: 'clean', bytes: asBytes(input, ours), notes: [] };
  }
  // Of a virtual base nobody is asked anything; without one of its own, one side is as good as the other.
  if (input.isVirtual) return { kind: 'clean', bytes: asBytes(input, ours), notes: [] };
  const texts = { ours: formatWorkflow(ours), theirs: formatWorkflow(theirs) };
  return marked(input, { base: '', ...texts }, texts, [`cwf: ${input.file}: open: the file as a whole: added by both`]);
}

/** The merge with every open decision and every broken rule decided for one side. */
function decided(base: Workflow, ours: Workflow, theirs: Workflow, side: 'ours' | 'theirs'): Workflow {
  const resolutions = new Map<string, Resolution>();
  let result: MergeResult;
  for (let round = 0; ; round++) {
    result = merge3(base, ours, theirs, { favor: side, resolutions });
    const fresh = result.violations.filter(({ id }) => !resolutions.has(id));
    if (fresh.length === 0 || round === MAX_ROUNDS) return result.workflow;
    for (const { id } of fresh) resolutions.set(id, { take: side });
  }
}

/**
 * Text with conflict markers in it. Where the two decided texts would join without any (what one side keeps and the
 * other side keeps lie apart), the two whole sides are compared without a base: then every difference is marked, and
 * no line of either is lost.
 */
function marked(
  input: DriverMerge,
  texts: Readonly<Record<keyof Sides, string>>,
  whole: { readonly ours: string; readonly theirs: string },
  notes: readonly string[],
): DriverMerged {
  let text = mergeText({ ...input, ...texts });
  if (text?.conflicts === 0) text = mergeText({ ...input, ...whole, base: '' });
  if (text === undefined || text.conflicts === 0) return { kind: 'undecided', notes };
  return { kind: 'conflict', bytes: text.bytes, notes };
}

function byLines(input: DriverMerge, files: Pick<DriverMerge, keyof Sides>, notes: readonly string[]): DriverMerged {
  const text = mergeText({ ...input, ...files });
  if (text === undefined) return { kind: 'undecided', notes };
  return { kind: text.conflicts === 0 ? 'clean' : 'conflict', bytes: text.bytes, notes };
}

function asBytes(input: DriverMerge, workflow: Workflow): Uint8Array {
  return Buffer.from(canonical(input, workflow));
}

/** As it will be read again: a merge may leave looks of what is no longer there, which the text does not have. */
function canonical({ file }: DriverMerge, workflow: Workflow): string {
  const again = readWorkflow(writeWorkflow(workflow), { catalog: defaultCatalog(), source: file });
  return formatWorkflow(again);
}
