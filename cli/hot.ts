import { fdSink } from './output/sink.ts';
import { VERSION } from './version.ts';

/**
 * Entry of the executable: runs the command line and sets the exit code of the process. `cwf --version` alone is
 * answered here, before anything is loaded.
 */
export async function main(argv: readonly string[]): Promise<void> {
  const version = argv[0] === '--version' || argv[0] === '-v';
  if (version && argv.length === 1) {
    const out = fdSink(1);
    out.write(`cwf ${VERSION}\n`);
    return out.close();
  }
  const { dispatch } = await import('./dispatch.ts');
  process.exitCode = await dispatch(version ? ['version', ...argv.slice(1)] : argv, process.env);
}
