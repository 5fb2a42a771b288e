import type { Drawing } from '../../../src/core/picture/drawing.ts';
import type { DiffOutput } from '../../../src/porcelain/diff.ts';
import type { ReportLine } from '../../../src/porcelain/report.ts';
import type { ShowFile } from '../../../src/porcelain/show.ts';

/** One file that differs, or one version of it. */
export interface Compared {
  readonly file: string;
  /** What it was called before, where that was something else. */
  readonly from?: string;
  readonly kind: 'added' | 'removed' | 'changed' | 'renamed';
  /** What changed in the graph, in the order that one steps through it. */
  readonly lines: readonly ReportLine[];
  /** Nodes that stand, or look, otherwise and are what they were. */
  readonly placed: readonly { readonly scope?: string; readonly node: string }[];
  readonly drawing: Drawing;
  /** Nothing is compared: it is one version. */
  readonly isOne: boolean;
}

/** The files of a diff that was asked for with its drawings. */
export function comparedOf({ files }: DiffOutput): Compared[] {
  return files.map(({ file, from, kind, lines, drawing }) => {
    const graph = lines.filter(({ presentation }) => !presentation);
    const keyOf = ({ scope = '', node }: { readonly scope?: string; readonly node: string }): string =>
      `${scope} ${node}`;
    const changed = new Set(graph.flatMap(({ place }) => (place ? [keyOf(place)] : [])));
    const placed = new Map(
      lines.flatMap(({ presentation, place }) =>
        presentation && place && !changed.has(keyOf(place)) ? [[keyOf(place), place] as const] : [],
      ),
    );
    return {
      file,
      ...(from === undefined ? {} : { from }),
      kind,
      lines: graph,
      placed: [...placed.values()],
      drawing: drawing!,
      isOne: false,
    };
  });
}

/** One version of a workflow, to be looked at. */
export function versionOf({ file, drawing }: ShowFile): Compared {
  return { file, kind: 'changed', lines: [], placed: [], drawing: drawing!, isOne: true };
}
