import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from '../cli/cwf.ts';

/** Paths of all files under a folder of the project, relative to it, with one of the endings; sorted. */
export function filesUnder(folder: string, ...endings: string[]): string[] {
  const found: string[] = [];
  const visit = (dir: string) => {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) {
        if (!['node_modules', 'dist', '.git', 'fixtures'].includes(entry.name)) visit(path);
      } else if (endings.some((ending) => entry.name.endsWith(ending))) {
        found.push(relative(ROOT, path).replaceAll('\\', '/'));
      }
    }
  };
  try {
    visit(join(ROOT, folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return found.sort();
}

/** Text of a file of the project. */
export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** One import of a source file. */
export interface Import {
  readonly specifier: string;
  /** `import type`, or only types between the braces: gone at run time. */
  readonly typeOnly: boolean;
  /** `await import()`: loaded when it is needed. */
  readonly lazy: boolean;
}

/** All imports and re-exports of a source text, static and dynamic, without those in comments. */
export function importsOf(source: string): Import[] {
  const text = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found: Import[] = [];
  for (const [, clause = '', specifier = ''] of text.matchAll(
    /^\s*(?:import|export)\s+([^'";]*?from\s+)?['"]([^'"]+)['"]/gm,
  )) {
    const names = clause
      .match(/\{([\s\S]*)\}/)?.[1]
      ?.split(',')
      .map((name) => name.trim())
      .filter(Boolean);
    const allTypes =
      /^type\s/.test(clause) || (names?.length ? names.every((name) => name.startsWith('type ')) : false);
    found.push({ specifier, typeOnly: allTypes, lazy: false });
  }
  for (const [, specifier = ''] of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)) {
    found.push({ specifier, typeOnly: false, lazy: true });
  }
  return found;
}
