import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;
/** `section.key` or `section.subsection.key` in lower case -> last value. */
export type GitSettings = ReadonlyMap<string, string>;

/** Deeper includes are cycles; git stops at 10 as well. */
const MAX_INCLUDES = 10;

/** Git's configuration as it counts for a repository (system, global, repository), with `include.path`. */
export function readGitSettings(gitDir: string | undefined, env: Env): GitSettings {
  const settings = new Map<string, string>();
  for (const file of configFiles(gitDir, env)) readGitConfig(file, settings, env, 0);
  return settings;
}

/** The user's own configuration files that may be there, in the order git reads them. */
export function globalConfigFiles(env: Env): string[] {
  const global = env['GIT_CONFIG_GLOBAL'];
  if (global !== undefined) return [global];
  return [join(configHome(env), 'git/config'), join(homeOf(env), '.gitconfig')];
}

/** `$XDG_CONFIG_HOME`, or where it is by default. */
export function configHome(env: Env): string {
  return env['XDG_CONFIG_HOME'] || join(homeOf(env), '.config');
}

/** A path of the configuration: `~/` is the home, any other relative path starts at `folder`. */
export function settingPath(path: string, folder: string, env: Env): string {
  if (path.startsWith('~/')) return join(homeOf(env), path.slice(2));
  return isAbsolute(path) ? path : join(folder, path);
}

function homeOf(env: Env): string {
  return env['HOME'] ?? homedir();
}

function configFiles(gitDir: string | undefined, env: Env): string[] {
  const own = gitDir === undefined ? [] : [resolve(gitDir, (read(join(gitDir, 'commondir')) || '.').trim(), 'config')];
  const system = env['GIT_CONFIG_NOSYSTEM'] ? [] : [env['GIT_CONFIG_SYSTEM'] ?? '/etc/gitconfig'];
  return [...system, ...globalConfigFiles(env), ...own];
}

/** Adds the settings of one file, later ones winning; a file that cannot be read is as good as none, as in git. */
function readGitConfig(file: string, into: Map<string, string>, env: Env, depth: number): void {
  if (depth > MAX_INCLUDES) return;
  const text = read(file);
  let section = '';
  for (const raw of text.replace(/\\\r?\n/g, '').split(/\r?\n/)) {
    const head = /^\s*\[\s*([\w.-]+)\s*(?:"((?:[^"\\]|\\.)*)")?\s*\]/.exec(raw);
    const line = head ? raw.slice(head[0].length) : raw;
    if (head) section = head[1]!.toLowerCase() + (head[2] === undefined ? '' : `.${head[2].replace(/\\(.)/g, '$1')}`);
    const pair = /^\s*([A-Za-z][\w-]*)\s*(?:=\s*(.*))?$/.exec(line);
    if (!pair || section === '') continue;
    const key = `${section}.${pair[1]!.toLowerCase()}`;
    const value = unquote(pair[2] ?? 'true');
    into.set(key, value);
    if (key === 'include.path') readGitConfig(settingPath(value, dirname(file), env), into, env, depth + 1);
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function unquote(text: string): string {
  let out = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '\\') out += ({ n: '\n', t: '\t', b: '\b' } as Record<string, string>)[text[++i] ?? ''] ?? text[i] ?? '';
    else if (c === '"') quoted = !quoted;
    else if (!quoted && (c === '#' || c === ';')) break;
    else out += c;
  }
  return out.trim();
}
