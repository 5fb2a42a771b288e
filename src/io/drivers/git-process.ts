import { spawnSync } from 'node:child_process';
import { CwfError } from '../../base/errors.ts';

/** A file as the next commit will have it, and as HEAD has it. */
export interface StagedFile {
  readonly path: string;
  readonly before?: Buffer;
  readonly after: Buffer;
}

const MAX_BYTES = 1024 * 1024 * 1024;

/** Top of the working tree a command of git runs in. Throws GIT_FAILED. */
export function topOfTree(cwd: string): string {
  return git(cwd, ['rev-parse', '--show-toplevel']).toString('utf8').replace(/\n$/, '');
}

/**
 * The staged plain files whose name `wanted` takes, with their bytes: what a pre-commit hook is asked about. Git itself
 * reads index and objects, since it may have given the hook an index of its own (`git commit <file>`). Throws GIT_FAILED.
 */
export function stagedFiles(cwd: string, wanted: (path: string) => boolean): StagedFile[] {
  const diff = [
    'diff',
    '--cached',
    '--raw',
    '-z',
    '--no-abbrev',
    '--no-renames',
    '--no-ext-diff',
    '--ignore-submodules',
  ];
  const fields = git(cwd, diff).toString('utf8').split('\0');
  const rows: { path: string; before?: string; after: string }[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, after = '', oldOid = '', newOid = ''] = fields[at]!.slice(1).split(' ');
    const path = fields[at + 1]!;
    if (!/^100/.test(after) || !wanted(path)) continue;
    rows.push({ path, after: newOid, ...(/^0+$/.test(oldOid) ? {} : { before: oldOid }) });
  }
  const blobs = readBlobs(cwd, new Set(rows.flatMap(({ before, after }) => (before ? [before, after] : [after]))));
  return rows.map(({ path, before, after }) => {
    const old = before === undefined ? undefined : blobs.get(before);
    return { path, after: blobs.get(after) ?? Buffer.alloc(0), ...(old ? { before: old } : {}) };
  });
}

/** Git's own diff of two files by lines, without any driver; coloured when asked. Undefined when git cannot be run. */
export function lineDiff(before: string, after: string, colored: boolean): string | undefined {
  const args = ['diff', '--no-index', '--no-ext-diff', '--no-textconv', `--color=${colored ? 'always' : 'never'}`];
  const { status, stdout } = spawnSync('git', ['--no-pager', ...args, '--', before, after], {
    maxBuffer: MAX_BYTES,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return status === 0 || status === 1 ? stdout.toString('utf8') : undefined;
}

/** `git cat-file --batch`: `<oid> <type> <size>`, the bytes, a line feed. */
function readBlobs(cwd: string, oids: ReadonlySet<string>): Map<string, Buffer> {
  const blobs = new Map<string, Buffer>();
  if (oids.size === 0) return blobs;
  const out = git(cwd, ['cat-file', '--batch'], `${[...oids].join('\n')}\n`);
  for (let at = 0; at < out.length; ) {
    const end = out.indexOf(10, at);
    const [oid = '', type, size] = out.toString('latin1', at, end).split(' ');
    if (type === 'missing' || size === undefined) {
      at = end + 1;
      continue;
    }
    blobs.set(oid, out.subarray(end + 1, end + 1 + Number(size)));
    at = end + 1 + Number(size) + 1;
  }
  return blobs;
}

function git(cwd: string, args: readonly string[], input?: string): Buffer {
  const { status, stdout, stderr, error } = spawnSync('git', args, { cwd, input, maxBuffer: MAX_BYTES });
  if (status === 0) return stdout;
  const reason = error?.message ?? (stderr.toString('utf8').trim() || `exit code ${status}`);
  throw new CwfError('GIT_FAILED', { command: `git ${args[0]}`, reason });
}
