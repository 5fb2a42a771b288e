import type { Verb } from './verb.ts';

/** A verb whose input and output types are no longer known. */
// biome-ignore lint/suspicious/noExplicitAny: the table holds many different verbs
export type AnyVerb = Verb<any, any>;

/** Every verb by name; nothing is loaded before it is asked for. `init` is none: it works before there is a context. */
export const VERBS: Readonly<Record<string, () => Promise<AnyVerb>>> = {
  commit: async () => (await import('./commit.ts')).commit,
  diff: async () => (await import('./diff.ts')).diff,
  import: async () => (await import('./import.ts')).importFile,
  log: async () => (await import('./log.ts')).log,
  'note add': async () => (await import('./note.ts')).noteAdd,
  'note list': async () => (await import('./note.ts')).noteList,
  'note show': async () => (await import('./note.ts')).noteShow,
  set: async () => (await import('./set.ts')).set,
  show: async () => (await import('./show.ts')).show,
  status: async () => (await import('./status.ts')).status,
};
