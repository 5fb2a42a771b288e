import { CwfError } from '../src/base/errors.ts';

/** The number from 0 to 1 that a flag was given, if it was. @throws CwfError USAGE */
export function confidenceIn(command: string, flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = /^(0|1|0?\.\d+|1\.0+)$/.test(text) ? Number(text) : Number.NaN;
  if (number >= 0 && number <= 1) return number;
  throw new CwfError('USAGE', { command, reason: `--${flag}: expected a number from 0 to 1, not ${text}` });
}
