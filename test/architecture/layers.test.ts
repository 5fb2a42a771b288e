import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesUnder, importsOf, read } from './sources.ts';

interface Unit {
  /** Other units it may import; a trailing `/*` stands for all units of a folder. */
  readonly imports: readonly string[];
  /** npm packages that only this unit (and others that name them) may import. */
  readonly packages: readonly string[];
}

/** The house: who may import whom. This table is the documentation; docs/architecture.md draws it. */
const UNITS: Readonly<Record<string, Unit>> = {
  'src/base': { imports: [], packages: [] },
  'src/core/catalog': { imports: ['src/base'], packages: ['zod'] },
  'src/core/workflow': { imports: ['src/base', 'src/core/catalog'], packages: ['zod'] },
  'src/core/families': { imports: ['src/core/workflow'], packages: [] },
  'src/core/convert': { imports: ['src/base', 'src/core/catalog', 'src/core/workflow'], packages: [] },
  'src/core/edit': { imports: ['src/base', 'src/core/catalog', 'src/core/workflow'], packages: ['fast-json-patch'] },
  'src/core/picture': { imports: ['src/base', 'src/core/workflow', 'src/core/edit'], packages: [] },
  // Axes and marks; the text of files is escaped by the one markup of pictures.
  'src/core/chart': { imports: ['src/base', 'src/core/picture'], packages: [] },
  'src/core/transform': {
    imports: ['src/base', 'src/core/catalog', 'src/core/workflow', 'src/core/edit', 'src/core/convert'],
    packages: [],
  },
  'src/core/validate': {
    imports: [
      'src/base',
      'src/core/catalog',
      'src/core/workflow',
      'src/core/edit',
      'src/core/convert',
      'src/core/transform',
    ],
    packages: [],
  },
  'src/plan/*': { imports: ['src/base', 'src/core/*'], packages: [] },
  'src/io/repo': {
    imports: ['src/base', 'src/core/*'],
    packages: ['isomorphic-git', 'level', 'classic-level', 'abstract-level'],
  },
  'src/io/llm': { imports: ['src/base'], packages: ['openai'] },
  // Pictures are read and written in one place.
  'src/io/runner': { imports: ['src/base', 'src/core/*', 'src/io/media'], packages: ['sharp', 'ws'] },
  'src/io/metrics': { imports: ['src/base'], packages: ['sharp', 'onnxruntime-node', '@huggingface/tokenizers'] },
  'src/io/outputs': { imports: ['src/base', 'src/core/*', 'src/io/media'], packages: ['sharp'] },
  'src/io/*': { imports: ['src/base', 'src/core/*'], packages: [] },
  'src/porcelain': {
    imports: ['src/base', 'src/core/*', 'src/plan/*', 'src/io/*'],
    packages: ['zod', 'ignore', 'yaml'],
  },
  'src/index.ts': { imports: ['src/*', 'src/core/*', 'src/plan/*', 'src/io/*'], packages: [] },
  cli: { imports: ['src/porcelain', 'src/base', 'server'], packages: ['@oclif/core'] },
  // What a browser runs: of the other units types alone, but for what reads JSON exactly, compares words, measures texts and draws axes.
  'server/page': { imports: ['src/base', 'src/core/chart', 'src/core/picture'], packages: ['preact'] },
  // zod: what it documents is made of schemas.
  server: {
    imports: ['src/porcelain', 'src/base'],
    packages: ['hono', '@hono/node-server', '@modelcontextprotocol/sdk', 'zod'],
  },
};

/** Modules of Node that only effects may use; the rest of the house is given values. */
const PURE = ['src/base', 'src/core/*', 'src/plan/*'];
const PURE_MODULES = new Set(['node:crypto']);

function fits(pattern: string, unit: string): boolean {
  return pattern.endsWith('/*') ? posix.dirname(unit) === pattern.slice(0, -2) : pattern === unit;
}

/** The unit a file belongs to: `src/index.ts`, `src/base`, `src/core/edit`, `cli`. */
function unitOf(file: string): string {
  const parts = file.split('/');
  if (file.startsWith('server/page/')) return 'server/page';
  if (parts[0] !== 'src' || parts.length === 2) return parts[0] === 'src' ? file : (parts[0] as string);
  return ['core', 'plan', 'io'].includes(parts[1] as string)
    ? parts.slice(0, 3).join('/')
    : parts.slice(0, 2).join('/');
}

function rowOf(unit: string): Unit | undefined {
  const key = unit in UNITS ? unit : Object.keys(UNITS).find((pattern) => fits(pattern, unit));
  return key === undefined ? undefined : UNITS[key];
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Breaches of the table in one file, each as one line. */
function breaches(file: string, source: string): string[] {
  const unit = unitOf(file);
  const row = rowOf(unit);
  if (!row) return [`${file}: ${unit} is not in the table`];
  const found: string[] = [];
  for (const { specifier, typeOnly } of importsOf(source)) {
    // What the server answers has the types of its verbs; they are gone before a browser loads anything.
    if (unit === 'server/page' && typeOnly) continue;
    if (specifier.startsWith('.')) {
      const target = unitOf(posix.join(posix.dirname(file), specifier));
      const allowed = target === unit || row.imports.some((pattern) => fits(pattern, target));
      if (!allowed) found.push(`${file}: ${unit} may not import ${target}`);
    } else if (specifier.startsWith('node:') || builtinModules.includes(specifier)) {
      if (!specifier.startsWith('node:')) found.push(`${file}: write node:${specifier}`);
      else if (PURE.some((pattern) => fits(pattern, unit)) && !PURE_MODULES.has(specifier)) {
        found.push(`${file}: ${unit} is pure and may not import ${specifier}`);
      }
    } else if (!row.packages.includes(packageOf(specifier))) {
      found.push(`${file}: ${unit} may not import the package ${packageOf(specifier)}`);
    }
  }
  return found;
}

const FILES = ['src', 'cli', 'server'].flatMap((folder) => filesUnder(folder, '.ts', '.tsx'));

describe('layers', () => {
  test('every import goes along the table', () => {
    expect(FILES.flatMap((file) => breaches(file, read(file)))).toEqual([]);
  });

  test.each([
    ['src/base/a.ts', "import { x } from '../core/edit/b.ts';"],
    ['src/core/catalog/a.ts', "import type { x } from '../workflow/b.ts';"],
    ['src/core/workflow/a.ts', "import {\n  x,\n  y,\n} from '../edit/b.ts';"],
    ['src/io/media/a.ts', "import { x } from '../repo/b.ts';"],
    ['src/io/repo/a.ts', "export { x } from '../../porcelain/b.ts';"],
    ['src/plan/optimize/a.ts', "const x = await import('../../io/repo/b.ts');"],
    ['src/porcelain/a.ts', "import { Command } from '@oclif/core';"],
    ['src/core/edit/a.ts', "import git from 'isomorphic-git';"],
    ['src/core/edit/a.ts', "import { spawn } from 'node:child_process';"],
    ['src/base/a.ts', "import fs from 'fs';"],
    ['cli/commands/a.ts', "import { x } from '../../src/io/repo/b.ts';"],
    ['server/a.ts', "import { x } from '../src/io/repo/b.ts';"],
    ['server/a.ts', "import { x } from '../cli/b.ts';"],
    ['server/page/a.tsx', "import { x } from '../routes.ts';"],
    ['cli/a.ts', "import { Hono } from 'hono';"],
    ['src/attic/a.ts', ''],
  ])('the check itself finds the breach in %s', (file, source) => {
    expect(breaches(file, source)).toHaveLength(1);
  });

  test('and leaves what is right alone', () => {
    const source =
      "// import x from 'nope';\nimport { x } from '../../base/errors.ts';\nimport type { y } from '../edit/y.ts';";
    expect(breaches('src/core/validate/a.ts', source)).toEqual([]);
  });
});

/** Packages that cost tens of milliseconds to load: only ever `await import()`ed (types may be imported). */
const HEAVY = [
  'isomorphic-git',
  'level',
  'classic-level',
  'zod',
  'ignore',
  'sharp',
  'ws',
  'onnxruntime-node',
  '@huggingface/tokenizers',
  'openai',
  'hono',
  '@modelcontextprotocol/sdk',
  '@hono/node-server',
  'yaml',
];

test('only the commands that serve load the server, and only when they run', () => {
  const found = FILES.filter((file) => file.startsWith('cli/')).flatMap((file) =>
    importsOf(read(file))
      .filter(({ specifier, lazy }) => specifier.includes('/server/') && !lazy)
      .map(() => file),
  );
  expect(found).toEqual([]);
});

test('no heavy package is imported at the top of a file', () => {
  // The server is itself loaded by one command alone.
  const top = FILES.filter((file) => !file.startsWith('server/')).flatMap((file) =>
    importsOf(read(file))
      .filter(({ specifier, lazy, typeOnly }) => !lazy && !typeOnly && HEAVY.includes(packageOf(specifier)))
      .map(({ specifier }) => `${file}: ${specifier}`),
  );
  expect(top).toEqual([]);
});
