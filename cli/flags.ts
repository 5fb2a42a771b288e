import type { AnyCommand, FlagSpecs } from './command.ts';

/** Flags of every command. */
const GLOBAL_FLAGS = {
  json: { type: 'boolean', description: 'print one JSON document' },
  porcelain: { type: 'boolean', description: 'print stable plain text for scripts' },
  quiet: { type: 'boolean', char: 'q', description: 'print nothing but errors' },
  'no-pager': { type: 'boolean', description: 'never start a pager' },
  directory: { type: 'string', char: 'C', value: 'dir', description: 'run as if started in this folder' },
} as const satisfies FlagSpecs;

/** Flags of the commands that print records one by one. */
const STREAM_FLAGS = {
  jsonl: { type: 'boolean', description: 'print one JSON document per line' },
} as const satisfies FlagSpecs;

/** Flags of the commands that change the repository. */
const MUTATING_FLAGS = {
  actor: { type: 'string', value: 'who', description: 'who acts: person, agent/<name> or tool/<name>' },
  reason: { type: 'string', value: 'text', description: 'why; kept in the commit message' },
  'dry-run': { type: 'boolean', description: 'show what would happen, change nothing' },
  yes: { type: 'boolean', char: 'y', description: 'answer yes to every question' },
} as const satisfies FlagSpecs;

/** Flags of the commands that judge workflows: by which definitions, and whose files. */
export const DEFINITION_FLAGS = {
  engine: { type: 'string', value: 'version', description: 'version of ComfyUI whose node definitions are taken' },
  'object-info': {
    type: 'string',
    value: 'file',
    description: "a server's /object_info instead of the shipped definitions",
    complete: 'file',
  },
  files: {
    type: 'string',
    value: 'json',
    description: 'names of the files that the server has, by folder: {"checkpoints": ["a.safetensors"]}',
    complete: 'file',
  },
} as const satisfies FlagSpecs;

/** Flags of the commands whose change may be proposed instead of made. */
export const PROPOSE_FLAGS = {
  propose: { type: 'boolean', description: 'onto a new proposal: branch and files stay as they are' },
  proposal: {
    type: 'string',
    value: 'id',
    description: 'onto this open proposal: branch and files stay as they are',
    complete: 'proposal',
  },
} as const satisfies FlagSpecs;

/** The flags that are not the command's own, in the order of help. */
export function sharedFlags(command: AnyCommand): FlagSpecs {
  return { ...(command.mutates && MUTATING_FLAGS), ...(command.streams && STREAM_FLAGS), ...GLOBAL_FLAGS };
}

/** All flags a command takes: its own, then the shared ones. */
export function allFlags(command: AnyCommand): FlagSpecs {
  return { ...command.flags, ...sharedFlags(command) };
}
