import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../cli/commands/index.ts';
import { VERBS } from '../../src/porcelain/index.ts';
import { ROOT } from '../cli/cwf.ts';
import { filesUnder, read } from './sources.ts';

const CEILING = 600;
/** Files that may be longer, each with its reason. Empty, and meant to stay so. */
const LONG: readonly string[] = [];

const CODE = ['src', 'cli', 'server', 'test', 'bench', 'scripts'].flatMap((folder) =>
  filesUnder(folder, '.ts', '.tsx', '.mjs'),
);

test(`no file is longer than ${CEILING} lines`, () => {
  expect(CODE.filter((file) => !LONG.includes(file) && read(file).split('\n').length > CEILING)).toEqual([]);
});

test('file names are kebab-case', () => {
  expect(
    CODE.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.config|\.d)?\.(tsx?|mjs)$/.test(basename(file))),
  ).toEqual([]);
});

test('there is no default export in src, cli, server and bench, and no TODO anywhere', () => {
  const sources = CODE.filter((file) => !file.startsWith('test/') && !file.startsWith('scripts/'));
  expect(sources.filter((file) => /^export default /m.test(read(file)))).toEqual([]);
  expect(
    CODE.filter((file) => !file.startsWith('test/architecture/') && /\b(TODO|FIXME|XXX)\b/.test(read(file))),
  ).toEqual([]);
});

describe('registries', () => {
  test('every file of cli/commands is in the index under its own name', async () => {
    const listed = Object.keys(COMMANDS).map((name) => name.replace(/^_+/, '').replaceAll(' ', '-'));
    const files = filesUnder('cli/commands', '.ts').map((file) => basename(file, '.ts'));
    expect(files.filter((file) => file !== 'index').sort()).toEqual(listed.sort());
    for (const [name, load] of Object.entries(COMMANDS)) expect((await load()).command.name).toBe(name);
  });

  test('every command has a summary, examples that call it, and no flag letter that is taken', async () => {
    for (const [name, load] of Object.entries(COMMANDS)) {
      const { command } = await load();
      expect(command.summary, name).toMatch(/^[A-Z].*[^.]$/);
      expect(command.summary.length, name).toBeLessThanOrEqual(80);
      expect(command.examples.length, name).toBeGreaterThan(0);
      for (const [, line] of command.examples) expect(line, name).toContain(`cwf ${name}`);
      const letters = Object.values(command.flags ?? {}).map((flag) => (flag as { char?: string }).char);
      expect(
        letters.filter((char) => char !== undefined && ['C', 'h', 'q', 'y'].includes(char)),
        name,
      ).toEqual([]);
      const args = Object.values(command.args ?? {}) as { multiple?: boolean }[];
      expect(
        args.slice(0, -1).some((arg) => arg.multiple),
        name,
      ).toBe(false);
    }
  });

  test('every verb of src/porcelain is in its table under its own name', async () => {
    const defined = filesUnder('src/porcelain', '.ts')
      .flatMap((file) => [...read(file).matchAll(/= defineVerb\b[^(]*\(\{\s*name: '([^']+)'/g)])
      .map(([, name]) => name);
    expect(defined.sort()).toEqual(Object.keys(VERBS).sort());
    for (const [name, load] of Object.entries(VERBS)) expect((await load()).name).toBe(name);
  });

  test('every suite of bench is in the list of suites', () => {
    const suites = filesUnder('bench/suites', '.ts').map((file) => basename(file, '.ts'));
    const main = read('bench/main.ts');
    expect(suites.filter((suite) => !main.includes(`import('./suites/${suite}.ts')`))).toEqual([]);
  });
});

describe('documents', () => {
  const documents = [...filesUnder('docs', '.md'), ...filesUnder('.', '.md').filter((file) => !file.includes('/'))];

  test('links between files lead somewhere', () => {
    const broken = documents.flatMap((file) =>
      [...read(file).matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)(#[^)\s]*)?\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !existsSync(join(ROOT, dirname(file), target)))
        .map((target) => `${file}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test('commands shown in the documents exist', () => {
    const names = new Set([...Object.keys(COMMANDS).flatMap((name) => [name, name.split(' ')[0]]), 'help']);
    const unknown = documents.flatMap((file) =>
      [...read(file).matchAll(/(?:^|`)(?:\$ |npx )?cwf ([a-z][a-z-]*)(?=[\s`])/gm)]
        .map(([, verb = '']) => verb)
        .filter((verb) => !names.has(verb))
        .map((verb) => `${file}: cwf ${verb}`),
    );
    expect([...new Set(unknown)]).toEqual([]);
  });

  test('npm scripts shown in the documents exist', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const unknown = documents.flatMap((file) =>
      [...read(file).matchAll(/npm run ([a-z:-]+)/g)].map(([, name = '']) => name).filter((name) => !(name in scripts)),
    );
    expect([...new Set(unknown)]).toEqual([]);
  });
});

/** Documents with numbered rules, and the letters of their numbers. */
const RULES: Readonly<Record<string, string>> = {
  'docs/format.md': 'CF|PT|MG|ID|RP|NT|OP|IX|BI|EV|DF|MA',
  'docs/conversion.md': 'CV',
  'docs/git.md': 'GD',
  'docs/validation.md': 'VE|VS',
  'docs/repair.md': 'RA',
  'docs/language-model.md': 'LM',
  'docs/metrics.md': 'MT',
  'docs/outputs.md': 'OU',
  'docs/ranking.md': 'RK',
  'docs/review.md': 'RV',
  'docs/runners.md': 'RN',
  'docs/runs.md': 'RU',
  'docs/reproduce.md': 'RE',
  'docs/editing.md': 'TE',
  'docs/engine.md': 'EN',
  'docs/plots.md': 'PL',
  'docs/optimizer.md': 'SA|PU',
  'docs/optimizer-models.md': 'GP',
  'docs/spaces.md': 'SP',
  'docs/mcp.md': 'MC',
  'docs/server.md': 'SV',
  'docs/studies.md': 'ST',
};

test.each(Object.entries(RULES))('every numbered rule of %s is cited by a test', (file, letters) => {
  if (!existsSync(join(ROOT, file))) return;
  const rules = [...read(file).matchAll(new RegExp(`\\*\\*((?:${letters})-\\d+)\\*\\*`, 'g'))].map(([, rule]) => rule);
  const tests = filesUnder('test', '.test.ts').map(read).join('\n');
  const citation = new RegExp(`\\[((?:(?:${letters})-\\d+[\\s,]*)+)\\]`, 'g');
  const cited = new Set([...tests.matchAll(citation)].flatMap(([, list = '']) => list.split(/[\s,]+/)));
  expect(rules.length).toBeGreaterThan(0);
  expect([...new Set(rules)].filter((rule) => !cited.has(rule ?? ''))).toEqual([]);
  // And no test cites a rule that is not written down.
  expect([...cited].filter((rule) => rule !== '' && !rules.includes(rule))).toEqual([]);
});

test('no file names a path of the machine it was written on', () => {
  const texts = [
    ...CODE,
    ...filesUnder('docs', '.md', '.json'),
    ...filesUnder('.', '.json', '.md', '.yml').filter((file) => !file.includes('/')),
  ];
  const personal = /(?<![\w.-])\/(?:work|root|home\/\w+|Users\/\w+)\//;
  expect(texts.filter((file) => file !== 'test/architecture/files.test.ts' && personal.test(read(file)))).toEqual([]);
});
