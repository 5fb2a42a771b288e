import { readFileSync } from 'node:fs';
import { outlineWorkflow } from '../core/workflow/outline.ts';
import { lineDiff } from '../io/drivers/git-process.ts';
import { compareFile } from './changes.ts';
import { type DriverFile, leftToGit, readDriverFile } from './driver-file.ts';
import { type FileReport, reportOf } from './report.ts';

/** The words git gives to `diff.<driver>.command`; a path alone for a file with an unfinished merge. */
export type DriverWords = readonly string[];

/** What to show of one file: its edits, the lines of a workflow that came or went, or git's own text. */
export type DriverDiff =
  | { readonly kind: 'edits'; readonly report: FileReport; readonly notes: readonly string[] }
  | { readonly kind: 'whole'; readonly report: FileReport; readonly outline: readonly string[] }
  | { readonly kind: 'same'; readonly file: string; readonly notes: readonly string[] }
  | { readonly kind: 'lines'; readonly text: string; readonly notes: readonly string[] }
  | { readonly kind: 'unmerged'; readonly file: string };

/**
 * The diff of one file for git: `path old-file old-hex old-mode new-file new-hex new-mode`, and for a renamed file
 * `new-path metainfo`. [GD-8] What is no workflow is shown as git shows it. Undefined when git cannot be run for that.
 */
export function diffDriver(words: DriverWords, colored: boolean): DriverDiff | undefined {
  const [path = '', oldFile, , oldMode, newFile, , newMode, newPath] = words;
  if (oldFile === undefined || newFile === undefined) return { kind: 'unmerged', file: path };
  const file = newPath ?? path;
  const [before, after] = [readSide(oldFile, path), readSide(newFile, file)];
  const sides = [before, after].filter((side) => side !== undefined);
  if (sides.some((side) => side.kind !== 'workflow')) {
    const notes = sides.flatMap((side) => (side.kind === 'broken' ? [leftToGit(side.error)] : []));
    const text = lineDiff(oldFile, newFile, colored);
    return text === undefined ? undefined : { kind: 'lines', text: withNames(text, path, file, words), notes };
  }
  const notes = oldMode === newMode || sides.length < 2 ? [] : [`mode ${oldMode} -> ${newMode}`];
  const change = compareFile(file, workflowOf(before), workflowOf(after));
  if (newPath !== undefined) {
    const both = { file, before: workflowOf(before), after: workflowOf(after), edits: change?.edits ?? [] };
    return { kind: 'edits', report: reportOf({ ...both, kind: 'renamed', from: path }), notes };
  }
  if (change === undefined) return { kind: 'same', file, notes };
  if (change.kind === 'changed') return { kind: 'edits', report: reportOf(change), notes };
  return { kind: 'whole', report: reportOf(change), outline: outlineWorkflow((change.after ?? change.before)!) };
}

/** git names the side that is not there by the empty device of the system. */
function readSide(file: string, source: string): DriverFile | undefined {
  return file === '/dev/null' || file === 'nul' ? undefined : readDriverFile(readFileSync(file), source);
}

function workflowOf(side: DriverFile | undefined) {
  return side?.kind === 'workflow' ? side.workflow : undefined;
}

/** The names of the tree in the place of those of git's temporary files. */
function withNames(text: string, path: string, file: string, words: DriverWords): string {
  const [, , oldHex = '', oldMode = '', , newHex = ''] = words;
  const at = text.search(/^(\x1b\[[0-9;]*m)?(@@|Binary files)/m);
  if (at < 0) return text;
  const index = `index ${oldHex.slice(0, 7)}..${newHex.slice(0, 7)} ${oldMode}`;
  const body = text
    .slice(at)
    .replace(/^(\x1b\[[0-9;]*m)?Binary files .*$/m, `Binary files a/${path} and b/${file} differ`);
  return `diff --git a/${path} b/${file}\n${index}\n--- a/${path}\n+++ b/${file}\n${body}`;
}
