import { CwfError } from '../base/errors.ts';
import { type StagedFile, stagedFiles, topOfTree } from '../io/drivers/git-process.ts';
import { readConfig } from './config.ts';
import { readDriverFile } from './driver-file.ts';
import { isJsonFile } from './json-file.ts';
import { describeSecret, findSecrets } from './secrets.ts';

/** Why a staged file must not be committed: file, place and reason in one line. */
export interface Refusal {
  readonly file: string;
  readonly kind: 'broken' | 'conflict' | 'secret';
  readonly text: string;
}

/** What git leaves in a file it could not merge; in JSON no line can begin like this. */
const MARKER = /^(<{7,}|>{7,}|\|{7,})( .*)?$/m;

/**
 * The check of the pre-commit hook: staged workflows that cannot be read, that hold conflict markers, or values that
 * look like keys and were not there before. [GD-9] Files that are no workflows are left alone. Throws GIT_FAILED.
 */
export async function preCommit(cwd: string): Promise<readonly Refusal[]> {
  const top = topOfTree(cwd);
  const { secrets } = await readConfig(top);
  return stagedFiles(top, isJsonFile).flatMap((file) => checkStaged(file, secrets === 'block'));
}

function checkStaged({ path, before, after }: StagedFile, findsSecrets: boolean): Refusal[] {
  const file = readDriverFile(after, path);
  const old = before && readDriverFile(before, path);
  if (file.kind === 'workflow') {
    if (!findsSecrets) return [];
    const known = old?.kind === 'workflow' ? old.workflow : undefined;
    const found = findSecrets(path, file.workflow, known);
    return found.map((secret) => ({ file: path, kind: 'secret', text: describeSecret(secret) }));
  }
  const text = after.toString('utf8');
  const marker = MARKER.exec(text);
  if (marker && (file.kind === 'broken' || !isJson(text))) {
    const line = text.slice(0, marker.index).split('\n').length;
    return [{ file: path, kind: 'conflict', text: `${path}:${line}: conflict marker ${marker[0].slice(0, 60)}` }];
  }
  if (file.kind === 'broken') return [{ file: path, kind: 'broken', text: file.error.message }];
  if (old?.kind !== 'workflow') return [];
  const error = new CwfError('NOT_A_WORKFLOW', { source: path, reason: 'it was one in the last commit' });
  return [{ file: path, kind: 'broken', text: error.message }];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
