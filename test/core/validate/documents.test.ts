import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCwfError } from '../../../src/base/errors.ts';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { readPrompt } from '../../../src/core/validate/read-prompt.ts';
import { validateDocument } from '../../../src/core/validate/validate-document.ts';
import { readWorkflow } from '../../../src/core/workflow/read.ts';
import { definition, drawn } from '../convert/page.ts';
import { EXAMPLES, FILES, graph, node } from './examples.ts';

function told(json: Json): string[] {
  const { diagnostics } = validateDocument(json, 'x', defaultCatalog(), { files: FILES });
  // The files of these tests do not say at outputs which links start there.
  const found = diagnostics.filter(({ code, severity }) => code !== 'LINK_LIES' || severity !== 'info');
  return found.map(({ code, severity, scope, node: at, input }) =>
    [severity, ...(scope === undefined ? [] : [scope.slice(0, 8)]), at, input ?? '', code].join(' '),
  );
}

describe('[VS-2] damaged prompts', () => {
  it.each<[string, Json, string[]]>([
    ['null', null, ['NODE_MALFORMED']],
    ['a text', 'note', ['NODE_MALFORMED']],
    ['a list', [], ['NODE_MALFORMED']],
    ['an empty object', {}, ['CLASS_MISSING']],
    ['a class of null', { class_type: null, inputs: {} }, ['CLASS_MISSING']],
    ['a class that is a list', { class_type: ['a'], inputs: {} }, ['CLASS_MISSING']],
    ['inputs of null', { class_type: 'Note', inputs: null }, ['CLASS_UNKNOWN', 'NODE_MALFORMED']],
    ['inputs that are a text', { class_type: 'Note', inputs: 'x' }, ['CLASS_UNKNOWN', 'NODE_MALFORMED']],
    ['no inputs', { class_type: 'Note' }, ['CLASS_UNKNOWN', 'NODE_MALFORMED']],
  ])('%s in place of a node is told, and the rest judged', (_, entry, codes) => {
    const bad = graph({ '9': entry, '2': node('ImageInvert', { image: 5 }) });
    const { diagnostics } = validateDocument(bad, 'x', defaultCatalog());
    expect(
      diagnostics
        .filter((one) => one.node === '9')
        .map(({ code }) => code)
        .sort(),
    ).toEqual(codes);
    expect(diagnostics.filter((one) => one.node === '2').map(({ code }) => code)).toEqual(['VALUE_ON_LINK_INPUT']);
  });

  it('what the strict reader takes is read the same', () => {
    const json = graph({ '9': 'a comment' });
    const options = { catalog: defaultCatalog(), source: 'x' };
    expect(readPrompt(json, options)).toEqual({ workflow: readWorkflow(json, options), diagnostics: [] });
  });

  it('whatever JSON a prompt is made of, it is judged or refused, and stays as it is', () => {
    const value = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
    const link = fc.tuple(
      fc.oneof(fc.constantFrom('1', '2', '9'), value),
      fc.oneof(fc.integer(), value),
    ) as fc.Arbitrary<Json>;
    const inputs = fc.dictionary(fc.constantFrom('image', 'sigma', 'images', 'x.y'), fc.oneof(link, value));
    const made = fc.record({ class_type: fc.constantFrom('ImageBlur', 'BatchImagesNode', 'Odd'), inputs });
    const prompt = fc.dictionary(fc.constantFrom('1', '2', '3', 'a:b'), fc.oneof(made, value));
    fc.assert(
      fc.property(prompt as fc.Arbitrary<JsonObject>, (json) => {
        const text = JSON.stringify(json);
        try {
          const { diagnostics } = validateDocument(json, 'x', defaultCatalog());
          for (const one of diagnostics) expect(one.message).not.toContain('undefined');
        } catch (error) {
          expect(isCwfError(error, 'NOT_A_WORKFLOW')).toBe(true);
        }
        expect(JSON.stringify(json)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });
});

const ID = '0e7a0b52-1111-4222-8333-444455556666';
const blurring = (more: JsonObject = {}): JsonObject =>
  drawn(
    [
      { id: 1, type: 'LoadImage', values: ['a.png', 'image'], outputs: ['IMAGE', 'MASK'] },
      {
        id: 2,
        type: ID,
        values: [99],
        outputs: ['IMAGE'],
        sockets: [
          ['image', 'IMAGE'],
          ['radius', 'INT', 'radius'],
        ],
        ...more,
      },
      { id: 3, type: 'PreviewImage' },
    ],
    [
      [1, 0, 2, 'image', 'IMAGE'],
      [2, 0, 3, 'images', 'IMAGE'],
    ],
    {
      definitions: {
        subgraphs: [
          definition(
            ID,
            [
              {
                id: 1,
                type: 'ImageBlur',
                values: [5, 1],
                outputs: ['IMAGE'],
                sockets: [
                  ['image', 'IMAGE'],
                  ['blur_radius', 'INT', 'blur_radius'],
                ],
              },
            ],
            [
              [-10, 0, 1, 'image', 'IMAGE'],
              [-10, 1, 1, 'blur_radius', 'INT'],
              [1, 0, -20, '0', 'IMAGE'],
            ],
            {
              inputs: [
                ['image', 'IMAGE'],
                ['radius', 'INT'],
              ],
              outputs: [['IMAGE', 'IMAGE']],
            },
          ),
        ],
      },
    },
  );
const errors = (json: Json): string[] => told(json).filter((line) => line.startsWith('error'));

describe('places in a UI file', () => {
  it('[VS-6] a value that an instance shows is named at the instance, with the input inside that reads it', () => {
    const { diagnostics } = validateDocument(blurring(), 'x', defaultCatalog());
    const [fault] = diagnostics.filter(({ severity }) => severity === 'error');
    expect(fault).toMatchObject({ code: 'VALUE_TOO_BIG', node: '2', input: 'radius' });
    // The page gives the inner node another id, as the root has one of that name; the finding has that of the file.
    expect(fault!.data!.reader).toEqual({ scope: ID, node: '1', input: 'blur_radius' });
  });

  it('[VS-4] an input of an instance that nothing feeds is told there', () => {
    const file = blurring({ values: [3] });
    const cut = { ...file, links: (file.links as Json[][]).filter((row) => row[3] !== 2) };
    const nodes = (file.nodes as JsonObject[]).map((one) =>
      one.id === 2
        ? { ...one, inputs: (one.inputs as JsonObject[]).map((socket) => ({ ...socket, link: null })) }
        : one,
    );
    expect(errors({ ...cut, nodes } as JsonObject)).toEqual(['error 2 image INPUT_MISSING']);
  });

  it('[VS-4] a muted node that a required input waits for, and a value that the page fills in', () => {
    expect(told(EXAMPLES.NODE_OFF.bad)).toContain('error 2 image NODE_OFF');
    const short = drawn(
      [
        { id: 1, type: 'EmptyLatentImage', values: [512, 512], outputs: ['LATENT'] },
        { id: 2, type: 'SaveLatent', values: ['a'] },
      ],
      [[1, 0, 2, 'samples', 'LATENT']],
    );
    expect(told(short)).toContain('info 1 batch_size INPUT_MISSING');
  });

  it('[VS-10] [VS-12] rows of the link table that no input names', () => {
    expect(errors(EXAMPLES.LINK_LIES.bad)).toEqual(['error 3  LINK_LIES']);
    const over = drawn([{ id: 1, type: 'LoadImage', values: ['a.png', 'image'], outputs: ['IMAGE'] }]);
    expect(told({ ...over, links: [[5, 1, 0, 77, 0, 'IMAGE']] })).toContain('warning 77  LINK_LIES');
  });

  it('[VS-11] copies that disagree, and values that a position gives to another widget, one finding a node', () => {
    expect(told(EXAMPLES.VALUES_DISAGREE.bad)).toEqual(['warning 1  VALUES_DISAGREE']);
    const moved = drawn(
      [
        {
          id: 1,
          type: 'EmptyLatentImage',
          values: [1, 640, 512],
          named: { batch_size: 1, width: 640, height: 512 },
          outputs: ['LATENT'],
        },
        { id: 2, type: 'SaveLatent', values: ['a'] },
      ],
      [[1, 0, 2, 'samples', 'LATENT']],
    );
    const { diagnostics } = validateDocument(moved, 'x', defaultCatalog());
    expect(diagnostics[0]).toMatchObject({ code: 'VALUES_DISAGREE', node: '1' });
    expect(diagnostics[0]!.data!.inputs).toContainEqual({ input: 'width', named: 640, positional: 1 });
  });

  it('[VS-13] instances without their definition, in a ring, and with links to inputs it does not have', () => {
    expect(told(EXAMPLES.SUBGRAPH_MISSING.bad)).toContain('error 2  SUBGRAPH_MISSING');
    expect(told(EXAMPLES.SUBGRAPH_RECURSIVE.bad).filter((line) => line.includes('RECURSIVE'))).toHaveLength(1);
    const file = blurring({
      values: [3],
      sockets: [
        ['image', 'IMAGE'],
        ['old', 'IMAGE'],
      ],
    });
    const links = [...(file.links as Json[]), [9, 1, 0, 2, 1, 'IMAGE']];
    const nodes = (file.nodes as JsonObject[]).map((one) => {
      if (one.id !== 2) return one;
      const inputs = (one.inputs as JsonObject[]).map((socket) =>
        socket.name === 'old' ? { ...socket, link: 9 } : socket,
      );
      return { ...one, inputs };
    });
    expect(errors({ ...file, nodes, links } as JsonObject)).toEqual(['error 2 old SUBGRAPH_INTERFACE']);
  });

  it('[VS-14] a group node that the file does not explain is told in the words of the conversion', () => {
    expect(errors(EXAMPLES.CONVERSION.bad)[0]).toBe('error 1  CONVERSION');
  });

  it('[VS-7] [VS-15] slots and names that a class does not have', () => {
    const wrong = graph({ '2': node('BatchImagesNode', { 'images.image0': ['1', 0], 'images.picture': ['1', 0] }) });
    expect(told(wrong)).toEqual(['warning 2 images.picture INPUT_UNDECLARED']);
    const saved = drawn(
      [
        {
          id: 1,
          type: 'EmptyLatentImage',
          named: { width: 512, height: 512, batch_size: 1, quality: 3 },
          outputs: ['LATENT'],
        },
        { id: 2, type: 'SaveLatent', values: ['a'] },
      ],
      [[1, 0, 2, 'samples', 'LATENT']],
    );
    expect(told(saved)).toEqual(['info 1 quality INPUT_UNDECLARED']);
  });
});
