import { CwfError } from '../src/base/errors.ts';

/** The exit code of a program that Ctrl-C ended. */
export const STOPPED = 130;

/** The parts of `--set node.input=value`. Throws USAGE. */
export function readPair(command: string, text: string): { address: string; value: string } {
  const at = text.indexOf('=');
  if (at < 1) throw new CwfError('USAGE', { command, reason: `--set: ${text} is no <node>.<input>=<value>` });
  return { address: text.slice(0, at), value: text.slice(at + 1) };
}

/** The value of `--seed`. Throws USAGE. */
export function readSeed(command: string, text: string | undefined): bigint | 'random' | undefined {
  if (text === undefined || text === 'random') return text;
  if (!/^\d{1,20}$/.test(text))
    throw new CwfError('USAGE', { command, reason: `--seed: ${text} is neither a whole number nor random` });
  return BigInt(text);
}

/** An amount of money: a number over 0, in whatever unit. Throws USAGE. */
export function readAmount(command: string, flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (value > 0) return value;
  throw new CwfError('USAGE', { command, reason: `${flag}: ${text} is no amount over 0, such as 2.50` });
}

/** A signal that Ctrl-C gives; the second one ends the program as if nobody listened. */
export function stopSignal(): { readonly signal: AbortSignal; done(): void } {
  const { signals, done } = signalsOf(1);
  return { signal: signals[0]!, done };
}

/** What Ctrl-C says to something of many runs: `signal` the first time, `quit` the second; the third ends the program. */
export interface StopSignals {
  /** Begin no more. */
  readonly signal: AbortSignal;
  /** Interrupt what runs. */
  readonly quit: AbortSignal;
}

export function stopSignals(): StopSignals & { done(): void } {
  const { signals, done } = signalsOf(2);
  return { signal: signals[0]!, quit: signals[1]!, done };
}

/** Signals that Ctrl-C gives one after the other; when all are given nobody listens any more. */
function signalsOf(count: number) {
  const stops = Array.from({ length: count }, () => new AbortController());
  const left = [...stops];
  const done = (): void => {
    process.off('SIGINT', heard);
    process.off('SIGTERM', heard);
  };
  const heard = (): void => {
    left.shift()?.abort();
    if (left.length === 0) done();
  };
  process.on('SIGINT', heard);
  process.on('SIGTERM', heard);
  return { signals: stops.map(({ signal }) => signal), done };
}
