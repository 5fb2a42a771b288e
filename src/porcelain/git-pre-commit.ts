import { CwfError } from '../base/errors.ts';
import { defaultCatalog } from '../core/catalog/catalog.ts';
import type { Diagnostic } from '../core/validate/diagnostic.ts';
import { validateWorkflow } from '../core/validate/validate.ts';
import { describeDiagnostic } from '../core/validate/words.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { type StagedFile, stagedFiles, topOfTree } from '../io/drivers/git-process.ts';
import { readConfig } from './config.ts';
import { readDriverFile } from './driver-file.ts';
import { isJsonFile } from './json-file.ts';
import { describeSecret, findSecrets } from './secrets.ts';

/** Why a staged file must not be committed, or should be looked at: file, place and reason in one line. */
export interface Refusal {
  readonly file: string;
  readonly kind: 'broken' | 'conflict' | 'secret' | 'graph';
  readonly text: string;
}

/** What the check found: what stops the commit, and what is only told. */
export interface PreCommit {
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Refusal[];
}

/** Errors told of one file. */
const MOST_TOLD = 5;

/** What git leaves in a file it could not merge; in JSON no line can begin like this. */
const MARKER = /^(<{7,}|>{7,}|\|{7,})( .*)?$/m;

/**
 * The check of the pre-commit hook: staged workflows that cannot be read, that hold conflict markers, or values that
 * look like keys and were not there before [GD-9]; new errors of a graph are told, or refused where `.cwfrc` says so.
 * Files that are no workflows are left alone. Throws GIT_FAILED.
 */
export async function preCommit(cwd: string): Promise<PreCommit> {
  const top = topOfTree(cwd);
  const { secrets, validate } = await readConfig(top);
  const staged = stagedFiles(top, isJsonFile);
  const refusals = staged.flatMap((file) => checkStaged(file, secrets === 'block'));
  const graphs = validate === 'off' ? [] : staged.flatMap(newErrors);
  return validate === 'block' ? { refusals: [...refusals, ...graphs], warnings: [] } : { refusals, warnings: graphs };
}

/** Errors of a graph that were not in the last commit: old ones are no business of this commit. [GD-11] */
function newErrors({ path, before, after }: StagedFile): Refusal[] {
  const file = readDriverFile(after, path);
  if (file.kind !== 'workflow') return [];
  const old = before && readDriverFile(before, path);
  const known = new Set(old?.kind === 'workflow' ? errorsOf(old.workflow).map(placeOf) : []);
  const fresh = errorsOf(file.workflow).filter((one) => !known.has(placeOf(one)));
  const lines = fresh.slice(0, MOST_TOLD).map((one) => `${path}: ${describeDiagnostic(one)}`);
  const more = fresh.length - lines.length;
  if (more > 0) lines.push(`${path}: and ${more} more, see \`cwf validate ${path}\``);
  return lines.map((text) => ({ file: path, kind: 'graph', text }));
}

function errorsOf(workflow: Workflow): Diagnostic[] {
  return validateWorkflow(workflow, defaultCatalog()).diagnostics.filter(({ severity }) => severity === 'error');
}

function placeOf({ code, scope, node, input }: Diagnostic): string {
  return JSON.stringify([code, scope, node, input]);
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
