import type { CommandTable } from '../command.ts';

/** Every command by name; nothing is loaded before it is asked for. */
export const COMMANDS: CommandTable = {
  __complete: () => import('./complete.ts'),
  completion: () => import('./completion.ts'),
  version: () => import('./version.ts'),
};
