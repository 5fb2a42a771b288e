import { diffWords, sameShare } from '../../../src/base/diff-words.ts';
import type { Json } from '../../../src/base/json.ts';
import type { Conflict } from '../../../src/porcelain/conflict-list.ts';

/** The three sides of a conflict. */
export const SIDES = ['base', 'ours', 'theirs'] as const;
export type SideName = (typeof SIDES)[number];

/** What one side has, in a text: `nothing` where it has nothing there. */
export function sideText({ kind, ...sides }: Conflict, side: SideName): string {
  const value = sides[side];
  if (kind === 'violation') return '';
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return value;
  if (isRecord(value)) {
    if (kind === 'file') return `the file, as ${String(value['oid']).slice(0, 10)}`;
    if (typeof value['from'] === 'string' && 'slot' in value)
      return `a link from node ${value['from']}, output ${String(value['slot'])}`;
    if (typeof value['class_type'] === 'string') return `a node: ${value['class_type']}`;
  }
  return JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one), 2);
}

/** What one side has, with the words marked that it has otherwise than the base. */
export function SideValue({ conflict, side }: { readonly conflict: Conflict; readonly side: SideName }) {
  const text = sideText(conflict, side);
  const { base } = conflict;
  if (conflict[side] === undefined) return <p class="value quiet">{text}</p>;
  if (side === 'base' || typeof base !== 'string' || typeof conflict[side] !== 'string')
    return <p class="value">{text}</p>;
  const runs = diffWords(base, text);
  // Where little is left of a text its marks hide more than they show.
  if (sameShare(runs) < 0.5) return <p class="value">{text}</p>;
  return (
    <p class="value text-change">
      {runs.map(({ kind, text: words }, at) =>
        kind === 'same' ? words : kind === 'old' ? <del key={at}>{words}</del> : <ins key={at}>{words}</ins>,
      )}
    </p>
  );
}

function isRecord(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
