import type { AnyCommand } from './command.ts';
import { makeIo, type World } from './io.ts';
import { type FailureMode, renderFailure } from './output/failure.ts';
import { fdSink } from './output/sink.ts';
import type { Parsed } from './parse.ts';

/** Runs a parsed command and returns its exit code; both the hot path and oclif end here. @throws what `run` throws */
export async function execute(command: AnyCommand, parsed: Parsed, world: World): Promise<number> {
  const io = await makeIo(command, parsed, world);
  try {
    return (await command.run(parsed, io)) ?? 0;
  } finally {
    await io.end();
  }
}

/** Prints a thrown value where it belongs and returns the exit code of the process. */
export async function fail(error: unknown, argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  const failure = renderFailure(error, modeOf(words), env);
  for (const [fd, text] of [
    [1, failure.stdout],
    [2, failure.stderr],
  ] as const) {
    const sink = fdSink(fd);
    sink.write(text);
    await sink.close();
  }
  return failure.exit;
}

/** What a command line, right or wrong, asks for: its errors come in the same form. */
function modeOf(words: readonly string[]): FailureMode {
  if (words.includes('--jsonl')) return 'jsonl';
  const isJson = words.some(
    (word, at) => word === '--json' || word === '--format=json' || (word === '--format' && words[at + 1] === 'json'),
  );
  return isJson ? 'json' : 'text';
}
