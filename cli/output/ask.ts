import { createInterface } from 'node:readline/promises';

/** Asks a yes/no question on the terminal (stderr, so that data stays clean); anything but y or yes is no. */
export async function ask(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(((await askLine(`${question} [y/N] `)) ?? '').trim());
}

/** Asks for a line on the terminal; undefined where the person ends the input with Ctrl-C or Ctrl-D. */
export async function askLine(question: string): Promise<string | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<undefined>((resolve) => {
    lines.on('close', () => resolve(undefined));
    lines.on('SIGINT', () => lines.close());
  });
  try {
    return await Promise.race([lines.question(question), ended]);
  } finally {
    lines.close();
  }
}
