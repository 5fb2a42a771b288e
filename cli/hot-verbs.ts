/**
 * The verbs people and shells run all day. Each is built into a file of its own (dist/hot/<verb>.cjs) that runs without
 * oclif, whose loading costs more than all their work. None of them has subcommands.
 */
export const HOT: readonly string[] = ['__complete', 'commit', 'diff', 'log', 'show', 'status', 'version'];
