import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/base/json.ts';
import { EMPTY_CATALOG } from '../../../src/core/catalog/catalog.ts';
import { names, UNORDERED } from './nodes.ts';

const CONTROL = 'control_after_generate';
const SAMPLER = ['seed', CONTROL, 'steps', 'sampler', 'denoise'];

describe('names by definition', () => {
  it.each<[string, string, Json[], (string | undefined)[]]>([
    ['required, then optional; a seed has its control', 'Sampler', [1, 'fixed', 20, 'euler', 1], SAMPLER],
    ['a control that old files hold as a boolean', 'Sampler', [1, true, 20, 'euler', 1], SAMPLER],
    ['a seed of 64 bits', 'Sampler', [18446744073709551615n, 'fixed', 20, 'euler', 1], SAMPLER],
    ['a value that is no option is one all the same', 'Sampler', [1, 'fixed', 20, 'new_one', 1], SAMPLER],
    ['a flagged control', 'Noise', [1, 'randomize'], ['noise_seed', CONTROL]],
    ['a seed whose control is flagged off', 'Plain', [1, true], ['seed', 'flag']],
    ['a control named by its flag', 'Primitive', [1, 'fixed'], ['value', 'fixed']],
    ['no place for what is forced to be an input', 'Forced', [512], ['width']],
    ['the upload button of an image', 'Image', ['x.png', 'image', 0.5], ['image', 'upload', 'scale']],
    ['the upload button of a list of files', 'Listed', ['x.png', 'image'], ['image', 'upload']],
    ['the player of a sound, where it was saved', 'Sound', ['x.mp3', null, null], ['audio', undefined, 'upload']],
    ['the upload button of a sound without player', 'Sound', ['x.mp3', ''], ['audio', 'upload']],
    ['a box and its numbers', 'Crop', [{ x: 0 }, 0, 0, 8, 8, '#fff'], ['region', 'x', 'y', 'width', 'height', 'fill']],
    ['a box that is linked, and boxes that are drawn', 'Boxes', [64, []], ['width', 'state']],
    ['a type that says what its widget is', 'Rate', [25, 1], ['rate', 'batch']],
    ['nothing from a widget on that only a script knows', 'Scripted', ['a', {}, 5], ['name', undefined, undefined]],
  ])('%s', (_rule, type, values, expected) => {
    expect(names(type, values)).toEqual(expected);
  });

  it('dotted names below the chosen option of a dynamic combo', () => {
    const tail = ['seed', CONTROL, 'method'];
    expect(names('Resize', ['none', 1, 'fixed', 'area'])).toEqual(['mode', ...tail]);
    expect(names('Resize', ['by', 2, 1, 'fixed', 'area'])).toEqual(['mode', 'mode.factor', ...tail]);
    expect(names('Resize', ['to', 8, 9, 'a', 1, 'fixed', 'area'])).toEqual([
      'mode',
      'mode.width',
      'mode.height',
      'mode.crop',
      ...tail,
    ]);
  });

  it('a seed below a dynamic combo has a control only where it is flagged', () => {
    expect(names('Text', ['on', 7, 0.5, true])).toEqual(['sampling', 'sampling.seed', 'sampling.heat', 'thinking']);
    expect(names('Flagged', ['m', 7, 'fixed', true])).toEqual(['model', 'model.seed', CONTROL, 'model.mark']);
  });

  it('where the order below an option is lost: none of those, all of the others; or the order of the sockets', () => {
    const values = ['to', 8, 9, 'a', 1, 'fixed', 'area'];
    const tail = ['seed', CONTROL, 'method'];
    expect(names('Resize', values, {}, UNORDERED)).toEqual(['mode', undefined, undefined, undefined, ...tail]);
    const socketWidgets = ['mode.height', 'mode.width', 'mode.crop'];
    expect(names('Resize', values, { socketWidgets }, UNORDERED)).toEqual(['mode', ...socketWidgets, ...tail]);
    // One widget has one order.
    expect(names('Resize', ['by', 2, 1, 'fixed', 'area'], {}, UNORDERED)).toEqual(['mode', 'mode.factor', ...tail]);
  });

  it('an option the definition has not: what is before it, and what ends in a control behind its seed', () => {
    expect(names('Resize', ['new', 1, 2, 3, 1, 'fixed', 'area'])).toEqual([
      'mode',
      undefined,
      undefined,
      undefined,
      'seed',
      CONTROL,
      'method',
    ]);
    expect(names('Resize', ['new', 1, 2, 3, 1, 'other', 'area'])).toEqual(['mode', ...Array(6).fill(undefined)]);
  });
});

describe('values of another engine version', () => {
  it('one odd value of a list of the right length is an edit', () => {
    expect(names('Sampler', [1, 'fixed', 'flow', 'euler', 1])).toEqual(SAMPLER);
  });

  it('more odd values end the names before the first', () => {
    expect(names('Sampler', [1, 'fixed', 'flow', 20, 1])).toEqual(['seed', CONTROL, undefined, undefined, undefined]);
  });

  it('a list of another length is named as far as its values can be of those types', () => {
    expect(names('Sampler', [1, 'fixed', 20, 'euler', 1, 'new'])).toEqual([...SAMPLER, undefined]);
    expect(names('Sampler', [1, 'fixed', 20])).toEqual(['seed', CONTROL, 'steps']);
    expect(names('Sampler', [1, 20, 'euler', 1])).toEqual(['seed', undefined, undefined, undefined]);
  });
});

describe('names by sockets', () => {
  const socketWidgets = ['text', 'seed', 'size'];

  it('of a class nobody knows, where they are all of its widgets', () => {
    expect(names('Unknown', ['a', 1, 2], { socketWidgets })).toEqual(socketWidgets);
    expect(names('Unknown', ['a', 1, 'fixed', 2], { socketWidgets })).toEqual(['text', 'seed', CONTROL, 'size']);
    expect(names('Unknown', ['a', 1, 'fixed'], { socketWidgets: ['m', 'm.seed'] })).toEqual(['m', 'm.seed', CONTROL]);
  });

  it('not where the count does not come out even, or a control would be none', () => {
    expect(names('Unknown', ['a', 1], { socketWidgets })).toEqual([undefined, undefined]);
    expect(names('Unknown', ['a', 1, 20, 2], { socketWidgets })).toEqual(Array(4).fill(undefined));
    expect(names('Unknown', [1, 2], { socketWidgets: ['a', 'a'] })).toEqual([undefined, undefined]);
    expect(names('Unknown', [1, 2])).toEqual([undefined, undefined]);
  });

  it('of a known class in the shape of another version', () => {
    const newer = ['seed', 'steps', 'flow'];
    expect(names('Sampler', [1, 'fixed', 20, 'on'], { socketWidgets: newer })).toEqual([
      'seed',
      CONTROL,
      'steps',
      'flow',
    ]);
  });

  it('of a subgraph instance: the widgets it shows', () => {
    const id = '00000000-0000-4000-8000-000000000000';
    expect(names(id, ['a', 2], { proxies: ['text', 'steps'] })).toEqual(['text', 'steps']);
    expect(names(id, ['a', 2], { proxies: ['text', 'text'] })).toEqual(['text', undefined]);
    expect(names(id, ['a', 2], { proxies: ['text'] })).toEqual([undefined, undefined]);
  });
});

describe("widgets of the page's own scripts", () => {
  it.each<[string, Json[], (string | undefined)[]]>([
    ['Note', ['text'], ['text']],
    ['MarkdownNote', ['# text'], ['text']],
    ['CustomCombo', ['b', 1, 'a', 'b', ''], ['choice', 'index', 'option1', 'option2', 'option3']],
  ])('%s', (type, values, expected) => {
    expect(names(type, values, {}, EMPTY_CATALOG)).toEqual(expected);
  });
});

describe('with a named copy', () => {
  const named = { seed: 1, [CONTROL]: 'fixed', steps: 20, sampler: 'euler', denoise: 1 };

  it('the very names of the definition stand in its order, whatever the values say', () => {
    expect(names('Sampler', [9, 'randomize', 30, 'ddim', 0.5], { named })).toEqual(SAMPLER);
  });

  it('the order of its keys carries no meaning', () => {
    const turned = Object.fromEntries(Object.entries(named).reverse());
    expect(names('Sampler', [1, 'fixed', 20, 'euler', 1], { named: turned })).toEqual(SAMPLER);
  });

  it('of an unknown class: values that stand once in each, and what is left when it is one', () => {
    expect(names('Unknown', ['x', 5, 7], { named: { a: 7, b: 'x', c: 6 } })).toEqual(['b', 'c', 'a']);
    expect(names('Unknown', [5, 5, 7], { named: { a: 7, b: 5, c: 5 } })).toEqual([undefined, undefined, 'a']);
  });

  it('with names the definition has not: known ones where both copies agree, others by value', () => {
    const newer = { seed: 1, [CONTROL]: 'fixed', flow: 'on', steps: 20 };
    expect(names('Sampler', [1, 'fixed', 'on', 20], { named: newer })).toEqual(['seed', CONTROL, 'flow', 'steps']);
  });
});

describe('laws', () => {
  const value = fc.oneof(
    fc.integer(),
    fc.string(),
    fc.boolean(),
    fc.constantFrom<Json>(null, 'fixed', 'to', 'euler', 0.5),
  );
  const node = fc.record({
    type: fc.constantFrom('Sampler', 'Noise', 'Resize', 'Text', 'Flagged', 'Crop', 'Sound', 'Unknown'),
    values: fc.array(value, { maxLength: 9 }),
    socketWidgets: fc.array(fc.constantFrom('seed', 'steps', 'mode', 'mode.width', 'text'), { maxLength: 5 }),
    named: fc.option(fc.dictionary(fc.constantFrom('seed', 'steps', 'mode', CONTROL, 'text', 'x'), value), {
      nil: undefined,
    }),
  });

  it('as many names as values, each once, the same every time', () => {
    fc.assert(
      fc.property(node, ({ type, values, ...more }) => {
        const found = names(type, values, more);
        const known = found.filter((name) => name !== undefined);
        expect(found).toHaveLength(values.length);
        expect(new Set(known).size).toBe(known.length);
        expect(names(type, values, more)).toEqual(found);
        const turned = more.named && Object.fromEntries(Object.entries(more.named).reverse());
        expect(names(type, values, { ...more, named: turned })).toEqual(found);
      }),
    );
  });

  it('[CF-8] editing one value changes the name of no position', () => {
    const shapes: readonly [string, readonly Json[]][] = [
      ['Sampler', [1, 'fixed', 20, 'euler', 1]],
      ['Image', ['x.png', 'image', 0.5]],
      ['Resize', ['to', 8, 9, 'a', 1, 'fixed', 'area']],
      ['Crop', [{ x: 0 }, 0, 0, 8, 8, '#fff']],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...shapes), fc.nat(), value, (shape, at, edited) => {
        const [type, values] = shape;
        const place = at % values.length;
        // The key of a dynamic combo decides what follows it.
        fc.pre(!(type === 'Resize' && place === 0));
        expect(names(type, values.with(place, edited))).toEqual(names(type, values));
      }),
    );
  });
});
