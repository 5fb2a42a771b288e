import { outlineWorkflow } from '../core/workflow/outline.ts';
import { leftToGit, readDriverFile } from './driver-file.ts';

/** What git shows of a file: lines for a workflow, the bytes as they are for anything else. */
export type Textconv =
  | { readonly kind: 'outline'; readonly lines: readonly string[] }
  | { readonly kind: 'raw'; readonly note?: string };

/** The text git compares, searches and blames in the place of a file. [GD-3] */
export function textconv(bytes: Uint8Array, source: string): Textconv {
  const file = readDriverFile(bytes, source);
  if (file.kind === 'workflow') return { kind: 'outline', lines: outlineWorkflow(file.workflow) };
  return file.kind === 'broken' ? { kind: 'raw', note: leftToGit(file.error) } : { kind: 'raw' };
}
