import type { CommandTable } from '../command.ts';

/** Every command by name; nothing is loaded before it is asked for. */
export const COMMANDS: CommandTable = {
  __complete: () => import('./complete.ts'),
  commit: () => import('./commit.ts'),
  completion: () => import('./completion.ts'),
  diff: () => import('./diff.ts'),
  import: () => import('./import.ts'),
  init: () => import('./init.ts'),
  log: () => import('./log.ts'),
  'note add': () => import('./note-add.ts'),
  'note list': () => import('./note-list.ts'),
  'note show': () => import('./note-show.ts'),
  set: () => import('./set.ts'),
  show: () => import('./show.ts'),
  status: () => import('./status.ts'),
  version: () => import('./version.ts'),
};
