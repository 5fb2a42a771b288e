import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CwfError } from '../base/errors.ts';
import { withLines, withoutLines } from '../io/drivers/marked-lines.ts';
import { readSetup, removeSetup, writeSetup } from '../io/drivers/setup-file.ts';
import { findRepo, type RepoPlace } from '../io/repo/open.ts';
import { openContext } from './context.ts';
import { hookPath, planHook, restoreHook, writeHook } from './git-hook.ts';
import { ATTRIBUTES, configLines, infoAttributes, type Program } from './git-lines.ts';
import { configHome, globalConfigFiles, readGitSettings, settingPath } from './git-settings.ts';
import { loadWorkflows } from './workflows.ts';
import { toDocument } from './worktree.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What to install, and where. */
export interface GitInstallInput {
  readonly cwd: string;
  readonly env: Env;
  readonly program: Program;
  /** For every repository of the user, in the user's own configuration. */
  readonly isGlobal: boolean;
  /** The attributes in `.gitattributes`, which a commit takes along. */
  readonly isShared: boolean;
  readonly isSemantic: boolean;
  readonly hasPreCommit: boolean;
}

/** What was written. */
export interface GitInstallOutput {
  readonly files: readonly SetupChange[];
  /** Workflows of HEAD that plain git committed in another form than the canonical one. */
  readonly toNormalize: number;
}

/** What happened to one file of git's settings. */
export interface SetupChange {
  readonly path: string;
  readonly what: 'configuration' | 'attributes' | 'pre-commit hook';
  readonly kind: 'written' | 'unchanged' | 'restored' | 'removed' | 'kept';
}

/**
 * `cwf git install`: tells git to run cwf on workflow files. [GD-1] Only files of the user and of this clone are
 * written, which no clone or pull brings along. Throws REPO_NOT_FOUND, DRIVERS_TAKEN, HOOKS_ELSEWHERE, FILE_EXISTS,
 * CONFIG_INVALID, STORAGE_FAILED; all checks come before the first write.
 */
export async function gitInstall(input: GitInstallInput): Promise<GitInstallOutput> {
  const place = placeOf(input);
  const { attributes, config } = setupPaths(place, input.env);
  const target = place && input.isShared ? join(place.workDir, '.gitattributes') : attributes;
  if (place) refuseTaken(place, target);
  const hook = place && input.hasPreCommit ? planHook(place.gitDir, input) : undefined;
  const plans = [
    plan(config, 'configuration', configLines(input.program, input.isSemantic)),
    plan(target, 'attributes', ATTRIBUTES),
  ];
  const files = plans.map(write);
  if (hook) files.push(writeHook(hook));
  return { files, toNormalize: place ? await notCanonical(input) : 0 };
}

/**
 * `cwf git uninstall`: takes out what `install` wrote, byte for byte; a hook that was there is back in its place.
 * [GD-1] Throws REPO_NOT_FOUND, CONFIG_INVALID, STORAGE_FAILED.
 */
export function gitUninstall(input: Pick<GitInstallInput, 'cwd' | 'env' | 'isGlobal'>): readonly SetupChange[] {
  const place = placeOf(input);
  const { attributes, config } = setupPaths(place, input.env);
  const targets: [string, SetupChange['what']][] = [
    [attributes, 'attributes'],
    ...(place ? [[join(place.workDir, '.gitattributes'), 'attributes'] as [string, SetupChange['what']]] : []),
    // Last: while an attribute names a driver, git should know it.
    [config, 'configuration'],
  ];
  // All are read before the first is written: one that cannot be taken apart stops the others.
  const found = targets.flatMap(([path, what]) => {
    const left = withoutLines({ path, text: readSetup(path) });
    return left ? [{ path, what, left }] : [];
  });
  const hook = place ? restoreHook(hookPath(place.gitDir)) : [];
  return [
    ...hook,
    ...found.map(({ path, what, left }): SetupChange => {
      if (left.text === null) removeSetup(path, left.folder);
      else writeSetup(path, left.text);
      return { path, what, kind: left.text === null ? 'removed' : 'restored' };
    }),
  ];
}

function placeOf({ cwd, isGlobal }: Pick<GitInstallInput, 'cwd' | 'isGlobal'>): RepoPlace | undefined {
  if (isGlobal) return undefined;
  const place = findRepo(cwd);
  if (place === undefined) throw new CwfError('REPO_NOT_FOUND', { dir: cwd });
  return place;
}

/** Where configuration and attributes lie: of a repository, else where git looks for those of the user. */
function setupPaths(place: RepoPlace | undefined, env: Env): { config: string; attributes: string } {
  if (place) return { config: join(place.gitDir, 'config'), attributes: infoAttributes(place.gitDir) };
  const known = globalConfigFiles(env);
  // As `git config --global`: ~/.gitconfig, unless only the one of XDG is there.
  const own = known.at(-1)!;
  const config = existsSync(own) ? own : (known.find((file) => existsSync(file)) ?? own);
  const told = readGitSettings(undefined, env).get('core.attributesfile');
  const attributes = told ? settingPath(told, dirname(config), env) : join(configHome(env), 'git/attributes');
  return { config, attributes };
}

/** Attributes of a clone go before those of the tree: a filter such as git-lfs would silently be out of work. */
function refuseTaken({ workDir, gitDir }: RepoPlace, target: string): void {
  for (const path of new Set([join(workDir, '.gitattributes'), infoAttributes(gitDir), target])) {
    const lines = (readSetup(path) ?? '').split('\n');
    for (const [at, line] of lines.entries()) {
      const [, pattern = '', filter = ''] = /^\s*([^#\s]\S*)\s.*?\bfilter=(\S+)/.exec(line) ?? [];
      if (filter === '' || filter === 'cwf' || !/^(.*\/)?\*{1,2}$|json$/i.test(pattern)) continue;
      throw new CwfError('DRIVERS_TAKEN', { file: path, line: at + 1, pattern, filter });
    }
  }
}

interface Plan extends Pick<SetupChange, 'path' | 'what'> {
  readonly before: string | undefined;
  readonly after: string;
}

function plan(path: string, what: SetupChange['what'], lines: readonly string[]): Plan {
  const before = readSetup(path);
  // Git takes comments along when it removes the section above them: in its configuration ours has one of its own.
  const lead = what === 'configuration' ? '[cwf] ' : '';
  return { path, what, before, after: withLines({ path, text: before, lead }, lines, existsSync(dirname(path))) };
}

function write({ path, what, before, after }: Plan): SetupChange {
  if (before === after) return { path, what, kind: 'unchanged' };
  writeSetup(path, after);
  return { path, what, kind: 'written' };
}

/** Blobs that the clean filter would write anew: git shows such a file as changed once it is touched. */
async function notCanonical({ cwd, env }: GitInstallInput): Promise<number> {
  const ctx = await openContext({ cwd, env });
  let count = 0;
  for (const file of (await loadWorkflows(ctx, (await ctx.repo.head()).oid)).values()) {
    const workflow = await file.workflow();
    if (workflow && toDocument(workflow).oid !== file.oid) count++;
  }
  return count;
}
