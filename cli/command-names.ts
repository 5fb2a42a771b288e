declare const __CWF_COMMANDS__: readonly string[] | undefined;

/** Names of all commands, put in by the build, so that knowing them loads none; empty when run from source. */
export const COMMAND_NAMES: readonly string[] = typeof __CWF_COMMANDS__ === 'undefined' ? [] : __CWF_COMMANDS__;
