import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CwfError } from '../../base/errors.ts';
import { isMissing } from './objects.ts';

/** Where a repository lies: working tree and git directory, absolute. */
export interface RepoPlace {
  readonly workDir: string;
  readonly gitDir: string;
}

/** Finds the repository a folder lies in, or undefined. Throws REPO_UNSUPPORTED for forms cwf does not write. */
export function findRepo(dir: string): RepoPlace | undefined {
  for (let at = resolve(dir); ; at = dirname(at)) {
    const dotGit = join(at, '.git');
    const stat = statSync(dotGit, { throwIfNoEntry: false });
    if (stat?.isFile()) {
      throw new CwfError('REPO_UNSUPPORTED', { dir: at, reason: 'it is a linked worktree or a submodule' });
    }
    if (stat?.isDirectory() && statSync(join(dotGit, 'HEAD'), { throwIfNoEntry: false })) {
      checkConfig(at, dotGit);
      checkOwner(at, stat.uid);
      return { workDir: at, gitDir: dotGit };
    }
    // A bare repository, or the inside of `.git`: what lies further up is not what was meant.
    if (['HEAD', 'objects', 'refs'].every((name) => statSync(join(at, name), { throwIfNoEntry: false }))) {
      throw new CwfError('REPO_UNSUPPORTED', { dir: at, reason: 'it is bare, or the inside of a .git folder' });
    }
    if (dirname(at) === at) return undefined;
  }
}

/** A repository whose format cwf does not know must not be written: git says so in `extensions.*`. */
function checkConfig(dir: string, gitDir: string): void {
  const config = readConfigText(gitDir);
  let section = '';
  for (const line of config.split('\n').map((one) => one.trim())) {
    const header = /^\[\s*([\w.-]+)(?:\s+"(.*)")?\s*\]/.exec(line);
    if (header) section = header[1]!.toLowerCase();
    const entry = /^([\w-]+)\s*(?:=\s*(.*))?$/.exec(line);
    if (!entry) continue;
    const [, rawKey = '', rawValue = 'true'] = entry;
    const key = rawKey.toLowerCase();
    const value = rawValue.replace(/^"(.*)"$|\s*[#;].*$/, '$1').toLowerCase();
    const refuse = (reason: string): never => {
      throw new CwfError('REPO_UNSUPPORTED', { dir, reason });
    };
    if (section === 'core') {
      if (key === 'bare' && /^(true|yes|on|1)$/.test(value)) refuse('it is bare: it has no working tree');
      if (key === 'worktree') refuse('its working tree lies elsewhere (core.worktree)');
      if (key === 'repositoryformatversion' && !/^[01]$/.test(value)) refuse(`its format version is ${value}`);
    }
    const known = ['noop', 'partialclone', 'preciousobjects', 'worktreeconfig'];
    const isSha1 = (key === 'objectformat' && value === 'sha1') || (key === 'refstorage' && value === 'files');
    if (section === 'extensions' && !known.includes(key) && !isSha1) refuse(`it uses extensions.${key} = ${value}`);
  }
}

/** As git's safe.directory: a repository of another user may carry settings that run programs. */
function checkOwner(dir: string, uid: number): void {
  const me = process.getuid?.();
  if (me === undefined || me === 0 || me === uid || process.env['CWF_TRUST'] === '1') return;
  throw new CwfError(
    'REPO_UNSUPPORTED',
    { dir, reason: 'it belongs to another user' },
    { hint: 'Set CWF_TRUST=1 if you trust it.' },
  );
}

function readConfigText(gitDir: string): string {
  try {
    return readFileSync(join(gitDir, 'config'), 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return '';
    throw cause;
  }
}
