import { createInterface } from 'node:readline/promises';

/** Asks a yes/no question on the terminal (stderr, so that data stays clean); anything but y or yes is no. */
export async function ask(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
