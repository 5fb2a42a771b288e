import { spawnSync } from 'node:child_process';
import { cleanEnv } from './cwf.ts';

/** Runs a program on a pseudo terminal, presses Ctrl-C where a text shows up, and prints what was written. */
const PTY = `
import os, pty, sys, fcntl, termios, struct
heard = sys.argv[1].encode()
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[3], sys.argv[3:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 24, int(sys.argv[2]), 0, 0))
out = b''
while True:
    try:
        part = os.read(fd, 65536)
    except OSError:
        break
    if not part:
        break
    out += part
    if heard and heard in out:
        heard = b''
        os.write(fd, b'\\x03')
status = os.waitpid(pid, 0)[1]
sys.stdout.buffer.write(out)
sys.exit(os.waitstatus_to_exitcode(status))
`;

/** Whether there is a Python that makes pseudo terminals: Node has none. */
export const hasPty = spawnSync('python3', ['-c', 'import pty, os; os.waitstatus_to_exitcode']).status === 0;

/** How a program is run on a terminal. */
export interface PtyOptions {
  readonly columns: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Ctrl-C is pressed once this shows up. */
  readonly heard?: string;
}

/** Runs a program on a terminal of 24 rows: its exit code, and all that it wrote there. */
export function onPty(program: readonly string[], { columns, env = {}, cwd, heard = '' }: PtyOptions) {
  const { status, stdout } = spawnSync('python3', ['-c', PTY, heard, String(columns), ...program], {
    env: { ...cleanEnv(), ...env },
    ...(cwd === undefined ? {} : { cwd }),
    encoding: 'utf8',
  });
  return { status, text: stdout.replaceAll('\r\n', '\n') };
}
