import { isObject, type Json } from '../base/json.ts';
import { nodeLabel, showValue } from '../core/edit/describe.ts';
import { targetOf } from '../core/edit/edit.ts';
import type { Decision, MergeResult, Resolution } from '../core/edit/merge.ts';
import type { Workflow } from '../core/workflow/types.ts';

/** One decision a merge leaves open, as data: whoever shows it only renders it. */
export interface Conflict {
  /** Unique in one merge: the file, and after a `#` the place. */
  readonly id: string;
  readonly file: string;
  /** `value`: both changed one place; `file`: the file as a whole; `violation`: the merged graph would be broken. */
  readonly kind: 'value' | 'file' | 'violation';
  /** Place in the keyed form, as a JSON pointer; empty for a whole file. */
  readonly path: string;
  /** The place in words, with what each side has there. */
  readonly text: string;
  /** The place alone: `KSampler "portrait" (3): steps`; absent where `text` says all there is. */
  readonly label?: string;
  readonly base?: Json;
  readonly ours?: Json;
  readonly theirs?: Json;
  /** Which kind of value may stand there instead of a side; absent where only a side can be taken. */
  readonly value?: 'any' | 'number' | 'text';
  /** What somebody chose. */
  readonly resolution?: Resolution;
}

/** The decisions and broken rules a merge of one file leaves open. */
export function conflictsOf(file: string, { decisions, violations, sides }: MergeResult): Conflict[] {
  const open = decisions.filter(({ conflict }) => conflict);
  return [
    ...open.map(
      (decision): Conflict => ({
        id: `${file}#${decision.id}`,
        file,
        kind: 'value',
        path: decision.id,
        ...placeWords(decision, [sides.ours, sides.theirs, sides.base]),
        ...(decision.base === undefined ? {} : { base: decision.base }),
        ...(decision.ours === undefined ? {} : { ours: decision.ours }),
        ...(decision.theirs === undefined ? {} : { theirs: decision.theirs }),
        ...valueKind(decision),
      }),
    ),
    ...violations.map(
      ({ id, message }): Conflict => ({
        id: `${file}#${id}`,
        file,
        kind: 'violation',
        path: '',
        text: message,
      }),
    ),
  ];
}

function valueKind({ kind }: Decision): Pick<Conflict, 'value'> {
  if (kind === 'set-input') return { value: 'any' };
  if (kind === 'set-mode') return { value: 'number' };
  return kind === 'rename-node' || kind === 'rename-subgraph' ? { value: 'text' } : {};
}

function placeWords(
  { path, base, ours, theirs }: Decision,
  known: readonly Workflow[],
): Pick<Conflict, 'text' | 'label'> {
  const { scope, node, input } = targetOf({ path });
  const holder = known.find((one) => (scope === undefined ? one : one.subgraphs[scope])?.nodes[node ?? '']);
  const found = holder && (scope === undefined ? holder : holder.subgraphs[scope])?.nodes[node!];
  const subgraph =
    scope === undefined ? '' : `${known.map((one) => one.subgraphs[scope]?.name).find(Boolean) ?? scope} > `;
  const label = found ? nodeLabel(node!, found, holder) : path.join('.');
  const rest = input ?? path.slice(scope === undefined ? 2 : 4).join('.');
  if (found && rest === '') {
    const [one, two] = [ours, theirs].map((side) =>
      side === undefined ? 'removed' : isObject(side) && side.class_type !== found.class_type ? 'replaced' : 'changed',
    );
    const what = one === two ? `${one} by both` : `${one} by ours, ${two} by theirs`;
    return { text: `${subgraph}${label}: ${what}`, label: `${subgraph}${label}` };
  }
  const values = `base ${showValue(base)}, ours ${showValue(ours)}, theirs ${showValue(theirs)}`;
  const place = `${subgraph}${label}${found ? `: ${rest}` : ''}`;
  return { text: `${place}: ${values}`, label: place };
}
