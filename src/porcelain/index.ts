import type { Verb } from './verb.ts';

/** A verb whose input and output types are no longer known. */
// biome-ignore lint/suspicious/noExplicitAny: the table holds many different verbs
export type AnyVerb = Verb<any, any>;

/** Every verb by name; nothing is loaded before it is asked for. `init` is none: it works before there is a context. */
export const VERBS = {
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
  'metric ls': async () => (await import('./metric-list.ts')).metricList,
  'metric run': async () => (await import('./metric-run.ts')).metricRun,
  'note add': async () => (await import('./note.ts')).noteAdd,
  'note list': async () => (await import('./note.ts')).noteList,
  'note show': async () => (await import('./note.ts')).noteShow,
  'op log': async () => (await import('./op.ts')).opLog,
  'op restore': async () => (await import('./op.ts')).opRestore,
  'op show': async () => (await import('./op.ts')).opShow,
  'output add': async () => (await import('./output.ts')).outputAdd,
  'output export': async () => (await import('./output.ts')).outputExport,
  'output gc': async () => (await import('./output.ts')).outputGc,
  'output ls': async () => (await import('./output.ts')).outputLs,
  'output verify': async () => (await import('./output.ts')).outputVerify,
  propose: async () => (await import('./propose.ts')).propose,
  protect: async () => (await import('./protect.ts')).protect,
  rank: async () => (await import('./rank.ts')).rank,
  'rank next': async () => (await import('./rank.ts')).rankNext,
  'rank show': async () => (await import('./rank.ts')).rankShow,
  redo: async () => (await import('./undo.ts')).redo,
  repair: async () => (await import('./repair.ts')).repair,
  reproduce: async () => (await import('./reproduce.ts')).reproduce,
  resolve: async () => (await import('./conflicts.ts')).resolve,
  restore: async () => (await import('./restore.ts')).restore,
  revert: async () => (await import('./pick.ts')).revert,
  'review approve': async () => (await import('./review-say.ts')).reviewApprove,
  'review checks': async () => (await import('./review-say.ts')).reviewChecks,
  'review comment': async () => (await import('./review-say.ts')).reviewComment,
  'review list': async () => (await import('./review.ts')).reviewList,
  'review merge': async () => (await import('./review-merge.ts')).reviewMerge,
  'review reject': async () => (await import('./review-say.ts')).reviewReject,
  'review request-changes': async () => (await import('./review-say.ts')).reviewRequestChanges,
  'review show': async () => (await import('./review.ts')).reviewShow,
  run: async () => (await import('./run.ts')).run,
  'run all': async () => (await import('./run-all.ts')).runAll,
  set: async () => (await import('./set.ts')).set,
  show: async () => (await import('./show.ts')).show,
  space: async () => (await import('./space.ts')).space,
  status: async () => (await import('./status.ts')).status,
  switch: async () => (await import('./switch.ts')).switchTo,
  tag: async () => (await import('./tag.ts')).tag,
  'token add': async () => (await import('./token.ts')).tokenAdd,
  'token ls': async () => (await import('./token.ts')).tokenLs,
  'token rm': async () => (await import('./token.ts')).tokenRm,
  undo: async () => (await import('./undo.ts')).undo,
  validate: async () => (await import('./validate.ts')).validate,
} as const satisfies Readonly<Record<string, () => Promise<AnyVerb>>>;

export type VerbName = keyof typeof VERBS;

/** Whether a text is the name of a verb. */
export function isVerbName(name: string): name is VerbName {
  return Object.hasOwn(VERBS, name);
}
