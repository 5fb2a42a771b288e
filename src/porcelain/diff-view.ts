import { diffWords } from '../base/diff-words.ts';
import type { Catalog } from '../core/catalog/catalog.ts';
import { editsToPatch } from '../core/edit/compile.ts';
import type { Edit } from '../core/edit/edit.ts';
import type { PatchOp } from '../core/edit/patch.ts';
import { type Drawing, drawingOf } from '../core/picture/drawing.ts';
import { drawPage } from '../core/picture/page.ts';
import { drawSvg } from '../core/picture/svg.ts';
import { slotsIn } from './catalog-slots.ts';
import type { Change } from './changes.ts';
import { type FileReport, reportOf } from './report.ts';

/** What is wanted besides the words: patches, edits as data, a picture, or one as data that others draw. */
export type DiffView = 'patch' | 'edits' | 'svg' | 'html' | 'drawing';

/** One changed file in words, with its patch or edits where they were asked for. */
export type ChangedFile = FileReport & {
  readonly patch?: readonly PatchOp[];
  readonly edits?: readonly Edit[];
  readonly drawing?: Drawing;
};

/** What is compared, in words. */
export interface Ends {
  readonly from: string;
  readonly to: string;
}

/** Changes in words, and in the view that is wanted. */
export function viewOf(
  changes: readonly Change[],
  view: DiffView | undefined,
  ends: Ends,
  catalog: Catalog,
): { files: ChangedFile[]; picture?: string } {
  const files = changes.map((change): ChangedFile => {
    const report = reportOf(change);
    const { file, edits, before, after } = change;
    if (view === 'drawing') return { ...report, drawing: drawingOf({ file, before, after, edits }, slotsIn(catalog)) };
    if (edits.length === 0) return report;
    if (view === 'patch') return { ...report, patch: editsToPatch(edits, before!) };
    return view === 'edits' ? { ...report, edits } : report;
  });
  if (view !== 'svg' && view !== 'html') return { files };
  const pictures = changes.map(({ file, before, after, edits }) => ({ file, before, after, edits }));
  if (view === 'svg') return { files, picture: drawSvg(pictures) };
  const sections = files.map(({ lines, ...file }, i) => ({
    ...file,
    picture: pictures[i]!,
    lines: lines.map(({ text, kind, presentation, label, before, after, note, place }) => ({
      kind,
      presentation,
      text: note === undefined ? (label ?? text) : `${label ?? text} (${note})`,
      place,
      ...(before === undefined || after === undefined ? {} : { runs: diffWords(before, after) }),
    })),
  }));
  return { files, picture: drawPage({ ...ends, sections }) };
}
