import { VERSION } from '../src/base/version.ts';
import { HOT } from './hot-verbs.ts';
import { fdSink } from './output/sink.ts';
import { loadMain, loadVerb } from './verb-files.ts';
import { resolveCommand } from './words.ts';

/**
 * Entry of the executable: runs the command line and sets the exit code of the process. `cwf --version` alone is
 * answered here, a hot verb by its own file, all else by oclif with the same declarations.
 */
export async function main(argv: readonly string[]): Promise<void> {
  const version = argv[0] === '--version' || argv[0] === '-v';
  if (version && argv.length === 1) {
    const out = fdSink(1);
    out.write(`cwf ${VERSION}\n`);
    return out.close();
  }
  const words = version ? ['version', ...argv.slice(1)] : argv;
  const { name, argv: rest } = resolveCommand(words, new Set(HOT));
  const code = name === undefined ? undefined : await (await loadVerb(name)).quick(rest, process.env);
  process.exitCode = code ?? (await (await loadMain()).run(words, process.env));
}
