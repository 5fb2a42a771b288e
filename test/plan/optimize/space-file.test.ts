import { describe, expect, test } from 'vitest';
import { isCwfError } from '../../../src/base/errors.ts';
import type { Json } from '../../../src/base/json.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { readWorkflow } from '../../../src/core/workflow/read.ts';
import { readSpaceFile } from '../../../src/plan/optimize/space-file/read-space-file.ts';
import { spaceFileOf } from '../../../src/plan/optimize/space-file/space-file-of.ts';
import { findTunables } from '../../../src/plan/optimize/tunables/find-tunables.ts';
import { currentPoint } from '../../../src/plan/optimize/tunables/point-edits.ts';
import { portrait } from './tunables/workflows.ts';

const catalog = defaultCatalog();
const workflow = readWorkflow(portrait(), { catalog, source: 'portrait.json' });
const file = { source: 'space.yaml', lineOf: (path: readonly unknown[]) => path.length + 1 };
const read = (parameters: Json) => readSpaceFile({ parameters }, { workflow, catalog }, file);

test('[SP-15] a space that was written reads back as it was', () => {
  const { tunables, held } = findTunables(workflow, catalog);
  const known = [...tunables, ...held];
  const back = readSpaceFile(spaceFileOf(tunables, workflow, 'portrait.json'), { workflow, catalog, known }, file);
  const plain = (list: typeof tunables) =>
    list.map(({ parameter, targets, current, meaning }) => ({ parameter, targets, current, meaning }));
  expect(plain(back)).toEqual(plain(tunables));
});

test('[SP-15] one value at several places, a size, a share of steps, a condition', () => {
  const tunables = read({
    big: { target: '5.batch_size', low: 1, high: 4, log: true },
    steps: { target: '3.steps', low: 10, high: 30, step: 5 },
    size: { width: '5.width', height: '5.height', type: 'ordinal', choices: ['512x512', '768x512'] },
    sampler: { target: '3.sampler_name', choices: ['euler', 'heun'], when: { steps: [10, 15] } },
  });
  expect(tunables.map(({ parameter }) => parameter)).toEqual([
    { name: 'big', kind: 'int', low: 1, high: 4, log: true },
    { name: 'steps', kind: 'int', low: 10, high: 30, step: 5 },
    { name: 'size', kind: 'ordinal', choices: ['512x512', '768x512'] },
    { name: 'sampler', kind: 'categorical', choices: ['euler', 'heun'], when: [{ parent: 'steps', values: [10, 15] }] },
  ]);
  expect(currentPoint(tunables)).toEqual({ big: 1, steps: 20, size: '512x512' });
});

type Fault = readonly [parameters: Json, field: string, ...pieces: string[]];

describe('[SP-16] a fault names file, line and field', () => {
  const FAULTS: readonly Fault[] = [
    [{}, 'parameters', 'names no parameters'],
    [[], 'parameters', 'a list where a mapping is expected'],
    [{ a: 3 }, 'parameters.a', '3 where a mapping'],
    [{ a: { targt: '3.steps' } }, 'parameters.a.targt', 'did you mean target'],
    [{ a: { low: 1, high: 2 } }, 'parameters.a', 'no target'],
    [{ a: { target: '3.steps' } }, 'parameters.a', 'neither choices nor both low and high'],
    [{ a: { target: '3.step', low: 1, high: 2 } }, 'parameters.a.target', 'no input step', 'steps'],
    [{ a: { target: '33.steps', low: 1, high: 2 } }, 'parameters.a.target', 'no node 33'],
    [{ a: { target: '3.model', low: 1, high: 2 } }, 'parameters.a.target', 'fed by a link'],
    [{ a: { target: 3, low: 1, high: 2 } }, 'parameters.a.target', '3 where a text'],
    [{ a: { target: '3.steps', low: 5, high: 5 } }, 'parameters.a.high', '5 is not above low'],
    [{ a: { target: '3.steps', low: '1', high: 5 } }, 'parameters.a.low', '"1" where a number'],
    [{ a: { target: '3.steps', low: 0, high: 5 } }, 'parameters.a.low', '0 is below 1'],
    [{ a: { target: '3.steps', low: 1.5, high: 5 } }, 'parameters.a.low', '1.5 is no whole number'],
    [{ a: { target: '3.cfg', low: 0, high: 5, log: true } }, 'parameters.a.low', 'begins above 0'],
    [{ a: { target: '3.cfg', low: 1, high: 5, log: true, step: 1 } }, 'parameters.a.step', 'no steps'],
    [{ a: { target: '3.cfg', low: 1, high: 5, step: 0 } }, 'parameters.a.step', '0 is not above 0'],
    [{ a: { target: '3.cfg', low: 1, high: 5, log: 'yes' } }, 'parameters.a.log', 'true or false'],
    [{ a: { target: '3.cfg', type: 'number', low: 1, high: 5 } }, 'parameters.a.type', 'none of float'],
    [{ a: { target: '3.sampler_name', type: 'ordinal', low: 1, high: 5 } }, 'parameters.a', 'has choices'],
    [{ a: { target: '3.sampler_name', type: 'int', choices: ['euler', 'heun'] } }, 'parameters.a.type', 'not int'],
    [{ a: { target: '3.sampler_name', choices: ['euler', 'eulr'] } }, 'parameters.a.choices.1', '"eulr" is none of'],
    [{ a: { target: '3.sampler_name', choices: ['euler', 'euler'] } }, 'parameters.a.choices', 'twice'],
    [{ a: { target: '3.sampler_name', choices: ['euler'] } }, 'parameters.a.choices', 'less than two'],
    [{ a: { target: '3.sampler_name', choices: ['euler', 'heun'], low: 1 } }, 'parameters.a.low', 'no bounds'],
    [{ a: { width: '5.width', choices: ['512x512', '512x768'] } }, 'parameters.a', 'a width and a height'],
    [{ a: { width: '5.width', height: '5.height', choices: ['512', '512x768'] } }, 'parameters.a.choices.0', 'no size'],
    [
      { a: { width: '5.width', height: '5.height', choices: ['511x512', '8x8'] } },
      'parameters.a.choices.1',
      '8 is below 16',
    ],
    [{ a: { target: '3.cfg', share: '3.steps', low: 1, high: 5 } }, 'parameters.a', 'exclude each other'],
    [{ a: { share: '3.steps', low: 0.2, high: 0.5 } }, 'parameters.a', 'a share says of what'],
    [{ a: { share: '3.steps', of: 'b', low: 0.2, high: 0.5 } }, 'parameters.a.of', 'no parameter of numbers'],
    [{ a: { share: '3.steps', of: 20, low: 0.2, high: 1 } }, 'parameters.a.high', 'between 0 and 1'],
    [{ a: { target: '3.cfg', low: 1, high: 5, when: { b: [1] } } }, 'parameters.a.when.b', 'no parameter of that name'],
    [
      { a: { target: '3.cfg', low: 1, high: 5 }, b: { target: '3.steps', low: 1, high: 5, when: { a: [7] } } },
      'parameters.b.when.a.0',
      'a is never 7',
    ],
    [
      { a: { target: '3.cfg', low: 1, high: 5 }, b: { target: '3.cfg', low: 1, high: 5 } },
      'parameters.b.target',
      'a is written there already',
    ],
  ];

  test.each(FAULTS.map((fault) => ({ fault })))('$fault.1', ({ fault: [parameters, field, ...pieces] }) => {
    let caught: unknown;
    try {
      read(parameters);
    } catch (error) {
      caught = error;
    }
    if (!isCwfError(caught, 'SPACE_FILE_INVALID')) throw caught ?? new Error('nothing was thrown');
    expect(caught.data).toMatchObject({ source: 'space.yaml', field });
    expect(caught.message).toContain(`space.yaml:${field.split('.').length + 1}: ${field}: `);
    for (const piece of pieces) expect(caught.message).toContain(piece);
  });
});
