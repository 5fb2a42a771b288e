import { readFileSync, statSync } from 'node:fs';
import type { Ignore } from 'ignore';

/** The patterns of one source, relative to a folder of the working tree ('' or ending in `/`). */
export interface IgnoreRules {
  readonly folder: string;
  readonly rules: Ignore;
}

/** Makes rules of patterns in the words of `.gitignore`; loads the package at the first pattern, undefined without one. */
export async function ignoreRules(
  folder: string,
  patterns: string | readonly string[],
): Promise<IgnoreRules | undefined> {
  const text = typeof patterns === 'string' ? patterns : patterns.join('\n');
  if (!/^\s*[^#\s]/m.test(text)) return undefined;
  const { default: ignore } = await import('ignore');
  return { folder, rules: ignore({ ignorecase: false }).add(text) };
}

/** As `ignoreRules`, from a file; a missing file has no patterns. */
export async function ignoreFile(folder: string, file: string): Promise<IgnoreRules | undefined> {
  let text: string;
  try {
    // A pipe has no end that one could wait for.
    if (!statSync(file).isFile()) return undefined;
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  return ignoreRules(folder, text);
}

/** Whether a path (a folder ends in `/`) is left alone: as in git, the first source in the chain that says anything. */
export function isIgnored(path: string, chain: readonly IgnoreRules[]): boolean {
  for (const { folder, rules } of chain) {
    const said = rules.test(path.slice(folder.length));
    if (said.ignored || said.unignored) return said.ignored;
  }
  return false;
}
