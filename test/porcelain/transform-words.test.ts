import { describe, expect, it } from 'vitest';
import { TRANSFORMS } from '../../src/core/transform/kinds/index.ts';
import { callOf, type FlagWords, transformFlags, transformShapes } from '../../src/porcelain/transform-words.ts';

describe('transforms on a command line', () => {
  it.each<[string, string[], FlagWords, object]>([
    ['connect', ['4.MODEL', '3.model'], {}, { from: '4.MODEL', to: '3.model' }],
    ['insert-lora', ['a.st'], { strength: '0.8' }, { file: 'a.st', strength: '0.8' }],
    ['insert-lora', [], { file: 'a.st', force: false, set: [] }, { file: 'a.st' }],
    [
      'add-node',
      ['KSampler'],
      { set: ['steps=20', 'text=a=b'], link: ['model=4.MODEL'], force: true },
      { class: 'KSampler', set: { steps: '20', text: 'a=b' }, link: { model: '4.MODEL' }, force: true },
    ],
    ['remove', ['3'], { 'no-rewire': true }, { node: '3', rewire: false }],
    ['convert-loader', ['parts'], { clip: ['a,b', 'c'] }, { to: 'parts', clip: ['a', 'b', 'c'] }],
    ['replace-deprecated', [], {}, {}],
  ])('%s %j %j', (op, words, flags, args) => {
    expect(callOf(op, words, flags)).toEqual({ op, args });
  });

  it.each<[string, string[], FlagWords, string]>([
    ['frob', [], {}, 'no transform frob'],
    ['connect', ['a', 'b', 'c'], {}, 'unexpected word c'],
    ['connect', [], { strength: '2' }, 'no argument --strength'],
    ['insert-lora', ['a'], { file: 'b' }, 'file is given twice'],
    ['insert-lora', ['a'], { clip: ['1', '2'] }, '--clip is given 2 times'],
    ['insert-lora', ['a', 'strength=2'], {}, 'write --strength 2'],
    ['add-node', ['A'], { set: ['=3'] }, '--set takes <input=value>'],
    ['remove', ['3'], { rewire: true }, 'no argument --rewire'],
  ])('%s %j %j is refused', (op, words, flags, piece) => {
    expect(() => callOf(op, words, flags)).toThrow(piece);
  });

  it('every argument has a word or a flag, and flags of one name are of one kind', () => {
    const flags = transformFlags();
    const shapes = transformShapes();
    expect(shapes.map(({ name }) => name)).toEqual(Object.keys(TRANSFORMS));
    for (const { name, usage } of shapes) {
      const specs = Object.entries(
        TRANSFORMS[name]!.args as Record<string, { at?: number; type: string; off?: string }>,
      );
      for (const [arg, { at, type, off }] of specs) {
        const flag = off === undefined ? arg : `no-${arg}`;
        expect(usage).toContain(at === undefined ? `--${flag}` : `<${arg}>`);
        if (at !== undefined) continue;
        expect(flags[flag]!.description).toContain(name);
        expect(flags[flag]!.kind === 'boolean', `${name} ${arg}`).toBe(type === 'flag');
      }
    }
  });
});
