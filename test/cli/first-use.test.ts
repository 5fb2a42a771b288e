import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apiGraph, apiWith, text, uiGraph } from '../porcelain/samples.ts';
import { cwf, inTemp } from './cwf.ts';

/** Runs `use` in a new repository; `said` is everything a command printed. */
const inRepo = (use: (said: (...args: string[]) => string, write: (file: string, value: unknown) => void) => void) =>
  inTemp((dir) => {
    const said = (...args: string[]): string => {
      const { stdout, stderr } = cwf(dir, args);
      return stdout + stderr;
    };
    const write = (file: string, value: unknown): void => {
      mkdirSync(join(dir, file, '..'), { recursive: true });
      writeFileSync(join(dir, file), typeof value === 'string' ? value : text(value));
    };
    said('init');
    use(said, write);
  });

describe('a first hour with cwf', () => {
  it('an empty history says what to do, instead of nothing or a missing HEAD', () =>
    inRepo((said) => {
      expect(said('log')).toBe('No commit yet; make one with `cwf commit`\n');
      for (const args of [['show'], ['blame', 'a.json'], ['bisect', 'start', 'HEAD', 'HEAD~1'], ['tag', 'x']])
        expect(said(...args), args.join(' ')).toContain('hint: There is no commit yet; make one with `cwf commit`.');
      expect(said('init')).toContain('There is a history already in');
    }));

  it('a commit of named files does not complain about others', () =>
    inRepo((said, write) => {
      write('a.json', apiGraph());
      write('broken.json', '{');
      write('sub/broken.json', '{');
      expect(said('commit', 'a.json', '-m', 'a')).not.toContain('left out');
      write('sub/b.json', apiGraph());
      const out = said('commit', 'sub', '-m', 'sub');
      expect(out.match(/left out: .*/g)).toEqual([
        'left out: sub/broken.json:1:2: not valid JSON: expected a key in double quotes, found the end of the text',
      ]);
    }));

  it('a name that is refused is shown as it was typed', () =>
    inRepo((said) => {
      expect(said('branch', '--', '../../x')).toContain(
        'error: "../../x" is not a name for a branch or tag: it has two',
      );
      expect(said('branch', '--', '')).toContain('error: "" is not a name for a branch or tag: it is empty');
      expect(said('switch', '-c', 'a\nb')).toContain('error: "a\\nb" is not a name');
    }));

  it('a folder in place of a file is called a folder', () =>
    inRepo((said, write) => {
      write('sub/a.json', apiGraph());
      said('commit', '-m', 'a');
      for (const args of [
        ['blame', '.'],
        ['blame', 'sub'],
        ['show', 'HEAD:sub'],
        ['set', 'sub', '3.steps', '3'],
      ])
        expect(said(...args), args.join(' ')).toMatch(
          /error: (sub|\.): is a folder\nhint: Name a workflow file in it\./,
        );
    }));

  it('a path after a revision that is meant from the current folder gets the right hint', () =>
    inRepo((said, write) => {
      write('sub/a.json', apiGraph());
      said('commit', '-m', 'a');
      expect(said('-C', 'sub', 'show', 'HEAD:a.json')).toContain('`HEAD:./a.json` starts where you are');
      expect(said('-C', 'sub', 'show', 'HEAD:./a.json')).toContain('KSampler');
      expect(said('-C', 'sub', 'blame', 'b.json')).toContain('paths are relative to the folder you are in');
    }));

  it('of two long texts that differ far from their start, the place where they differ is shown', () =>
    inRepo((said, write) => {
      const start = 'word '.repeat(40);
      write('a.json', apiWith('6', 'text', `${start}a b c d e f g h ${'old '.repeat(60)}`));
      said('commit', '-m', 'a');
      write('a.json', apiWith('6', 'text', `${start}a b c d e f g h ${'gnu '.repeat(60)}`));
      const out = said('diff');
      expect(out).toContain('old old');
      expect(out).toContain('gnu gnu');
    }));

  it('what .gitignore and .cwfrc name is left alone', () =>
    inRepo((said, write) => {
      write('.gitignore', 'scratch*\n!scratch-kept.json\n');
      write('.cwfrc', '{ "ignore": ["old/"] }');
      for (const file of ['a.json', 'scratch.json', 'scratch-kept.json', 'old/b.json']) write(file, apiGraph());
      expect(said('status', '--porcelain')).toBe('added\ta.json\nadded\tscratch-kept.json\n');
      expect(said('commit', '-m', 'a')).toContain('+ scratch-kept.json');
      expect(said('status')).toContain('Nothing to commit, 2 workflows here');
    }));

  it('an automatic subject is a sentence, not a list item', () =>
    inRepo((said, write) => {
      write('a.json', apiGraph());
      said('commit', '-m', 'a');
      const { '9': _gone, ...rest } = apiGraph();
      write('a.json', rest);
      expect(said('commit')).toContain('main  Remove SaveImage (9)');
      write('a.json', apiGraph());
      expect(said('commit')).toContain('main  Add SaveImage (9)');
      write('u.json', uiGraph());
      expect(said('commit')).toContain('main  Add u.json');
    }));
});
