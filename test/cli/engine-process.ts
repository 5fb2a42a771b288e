import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { cleanEnv, ROOT } from './cwf.ts';

/** The built command, its first line of stdout, and how it ended. */
export interface Started {
  readonly process: ChildProcess;
  readonly line: string;
  readonly ended: Promise<number | string | null>;
}

/** Starts `cwf engine` in a folder and waits until it says where it listens. */
export function start(dir: string, temp: string, ...args: string[]): Promise<Started> {
  return startAs(PROGRAM, dir, temp, args);
}

/** As `start`, with a system that lets no file grow beyond so many kilobytes: what a full disk is, for any user. */
export function startWithin(kilobytes: number, dir: string, temp: string, ...args: string[]): Promise<Started> {
  return startAs(['bash', '-c', `ulimit -f ${kilobytes}; exec "$@"`, 'bash', ...PROGRAM], dir, temp, args);
}

const PROGRAM = [process.execPath, join(ROOT, 'bin/cwf.cjs')];

async function startAs(command: readonly string[], dir: string, temp: string, args: string[]): Promise<Started> {
  const [file, ...before] = command;
  const program = spawn(file!, [...before, 'engine', '--port', '0', ...args], {
    cwd: dir,
    env: { ...cleanEnv(), TMPDIR: temp },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | string | null>((resolve) =>
    program.once('exit', (code, signal) => resolve(signal ?? code)),
  );
  let [out, err] = ['', ''];
  program.stderr.on('data', (part) => {
    err += part;
  });
  const line = await new Promise<string>((resolve, reject) => {
    program.stdout.on('data', (part) => {
      out += part;
      if (out.includes('\n')) resolve(out);
    });
    void ended.then(() => reject(new Error(err)));
  });
  return { process: program, line: line.trim(), ended };
}
