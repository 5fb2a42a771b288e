import type { Verb } from './verb.ts';

/** A verb whose input and output types are no longer known. */
// biome-ignore lint/suspicious/noExplicitAny: the table holds many different verbs
export type AnyVerb = Verb<any, any>;

/** Every verb by name; nothing is loaded before it is asked for. `init` is none: it works before there is a context. */
export const VERBS: Readonly<Record<string, () => Promise<AnyVerb>>> = {
  'bisect log': async () => (await import('./bisect.ts')).bisectLog,
  'bisect mark': async () => (await import('./bisect.ts')).bisectMark,
  'bisect next': async () => (await import('./bisect.ts')).bisectNext,
  'bisect reset': async () => (await import('./bisect.ts')).bisectReset,
  'bisect run': async () => (await import('./bisect-run.ts')).bisectRun,
  'bisect start': async () => (await import('./bisect.ts')).bisectStart,
  blame: async () => (await import('./blame.ts')).blame,
  branch: async () => (await import('./branch.ts')).branch,
  'cherry-pick': async () => (await import('./pick.ts')).cherryPick,
  commit: async () => (await import('./commit.ts')).commit,
  conflicts: async () => (await import('./conflicts.ts')).conflicts,
  connect: async () => (await import('./connect.ts')).connect,
  diff: async () => (await import('./diff.ts')).diff,
  edit: async () => (await import('./edit.ts')).edit,
  fsck: async () => (await import('./fsck.ts')).fsck,
  import: async () => (await import('./import.ts')).importFile,
  log: async () => (await import('./log.ts')).log,
  merge: async () => (await import('./merge.ts')).merge,
  'merge abort': async () => (await import('./conflicts.ts')).mergeAbort,
  'merge continue': async () => (await import('./conflicts.ts')).mergeContinue,
  'note add': async () => (await import('./note.ts')).noteAdd,
  'note list': async () => (await import('./note.ts')).noteList,
  'note show': async () => (await import('./note.ts')).noteShow,
  'op log': async () => (await import('./op.ts')).opLog,
  'op restore': async () => (await import('./op.ts')).opRestore,
  'op show': async () => (await import('./op.ts')).opShow,
  redo: async () => (await import('./undo.ts')).redo,
  repair: async () => (await import('./repair.ts')).repair,
  resolve: async () => (await import('./conflicts.ts')).resolve,
  restore: async () => (await import('./restore.ts')).restore,
  revert: async () => (await import('./pick.ts')).revert,
  set: async () => (await import('./set.ts')).set,
  show: async () => (await import('./show.ts')).show,
  status: async () => (await import('./status.ts')).status,
  switch: async () => (await import('./switch.ts')).switchTo,
  tag: async () => (await import('./tag.ts')).tag,
  undo: async () => (await import('./undo.ts')).undo,
  validate: async () => (await import('./validate.ts')).validate,
};
