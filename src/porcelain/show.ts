import { type Drawing, drawingOf } from '../core/picture/drawing.ts';
import { formatWorkflow } from '../core/workflow/write.ts';
import { parseTrailers } from '../io/repo/trailers.ts';
import type { Commit } from '../io/repo/types.ts';
import { slotsIn } from './catalog-slots.ts';
import { readMessage } from './log.ts';
import { orHint } from './mistaken.ts';
import { factsOn, type NoteFact } from './note.ts';
import { type FileReport, reportOf } from './report.ts';
import { changesOfCommit } from './stat.ts';
import { defineVerb } from './verb.ts';
import { fileAt, pathInRev, splitRevFile } from './workflows.ts';

/** A revision, or `<revision>:<file>`; HEAD by default. */
export interface ShowInput {
  readonly what?: string;
  /** Of a workflow also a picture as data. */
  readonly view?: 'drawing';
}

/** One commit: who, when, why, what it changed relative to its first parent, and what was noted on it. */
export interface ShowCommit {
  readonly kind: 'commit';
  readonly oid: string;
  readonly parents: readonly string[];
  readonly author: Commit['author'];
  readonly committer: Commit['committer'];
  readonly subject: string;
  readonly body: string;
  readonly op?: string;
  readonly actor?: string;
  /** What somebody decided in a merge, revert or cherry-pick, by the id of the conflict. */
  readonly resolved: readonly { readonly id: string; readonly choice: string }[];
  readonly notes: readonly NoteFact[];
  readonly files: readonly FileReport[];
}

/** The canonical text of a workflow, or the text of another JSON file as it is. */
export interface ShowFile {
  readonly kind: 'file';
  readonly file: string;
  readonly text: string;
  readonly drawing?: Drawing;
}

/** `cwf show`: one commit, or one file as it was in a commit. Throws REV_NOT_FOUND or FILE_NOT_FOUND. */
export const show = defineVerb<ShowInput, ShowCommit | ShowFile>({
  name: 'show',
  summary: 'Show a commit, or a file in it',
  mutates: false,
  async run(ctx, input) {
    const part = splitRevFile(input.what ?? 'HEAD');
    if (part) {
      const { file, fromTop } = pathInRev(ctx, part.file);
      // At the top both ways of saying it are one.
      const found = await fileAt(ctx, part.rev, file, fromTop && ctx.repo.workDir !== ctx.cwd);
      const workflow = await found.workflow();
      const text = workflow ? formatWorkflow(workflow) : (await ctx.repo.readObject(found.oid)).body.toString('utf8');
      if (input.view !== 'drawing' || !workflow) return { kind: 'file', file, text };
      return {
        kind: 'file',
        file,
        text,
        drawing: drawingOf({ file, before: workflow, after: workflow, edits: [] }, slotsIn(ctx.catalog)),
      };
    }
    const what = input.what ?? 'HEAD';
    const hint = what.endsWith('.json') && `A file stands after a revision: \`cwf show HEAD:./${what}\`.`;
    const commit = await ctx.repo.readCommit(await orHint(ctx.repo.resolve(what), hint));
    const { oid, parents, author, committer } = commit;
    return {
      kind: 'commit',
      oid,
      parents,
      author,
      committer,
      ...readMessage(commit.message),
      resolved: resolvedIn(commit.message),
      notes: await factsOn(ctx, oid),
      files: (await changesOfCommit(ctx, commit)).map(reportOf),
    };
  },
});

/** `Cwf-Resolved` lines: the choice, and the id of the conflict as a JSON text. [MG-11] */
function resolvedIn(message: string): ShowCommit['resolved'] {
  return parseTrailers(message).flatMap(({ key, value }) => {
    const [, choice, id] = /^(ours|theirs|base|value) "(.*)"$/.exec(key === 'Cwf-Resolved' ? value : '') ?? [];
    return choice === undefined ? [] : [{ id: id!.replace(/\\(["\\])/g, '$1'), choice }];
  });
}
