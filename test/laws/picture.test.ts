import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { EMPTY_CATALOG } from '../../src/core/catalog/catalog.ts';
import { diffWorkflows } from '../../src/core/edit/diff.ts';
import type { Workflow } from '../../src/core/workflow/types.ts';
import { compareFile } from '../../src/porcelain/changes.ts';
import { viewOf } from '../../src/porcelain/diff-view.ts';
import { type Element, elementsOf, parseXml, textOf } from '../core/picture/xml.ts';
import { read, workflow } from './arbitrary.ts';

const ELEMENTS = new Set(
  'svg title style rect g path text tspan html head meta body main h1 h2 p section span b ul li blockquote ins del details summary div a'.split(
    ' ',
  ),
);
const ATTRIBUTES = new Set(
  'xmlns class role width height viewBox x y rx d id transform text-anchor charset http-equiv content name lang tabindex aria-label href'.split(
    ' ',
  ),
);
/** What must stand in no page, as code units: controls, bidirectional marks, separators. */
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/;

const HOSTILE = [
  '</script><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onload='alert(1)",
  'javascript:alert(1)',
  '</style></svg>&lt;&#0;&bogus;',
  ']]><!--',
  '\u0000\u001b[31m\u0007\r\n\t',
  '\u202egnp.exe\u2066 \u200f',
  '\ud800 half \udc00',
  '\uffff\ufffe\ufeff',
  '😀'.repeat(60),
  'x'.repeat(5000),
];
/** Names that a reader refuses outright reach no page. */
const REFUSED = new Set(['__proto__', 'constructor', 'prototype']);
const hostile = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !REFUSED.has(text)),
);

/** A UI workflow all of whose texts are hostile. */
const trap: fc.Arbitrary<Workflow> = fc.array(hostile, { minLength: 9, maxLength: 9 }).map((texts) => {
  const [type, title, name, value, slot, group, inner, scope, key] = texts.map((text) =>
    text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, ''),
  ) as [string, string, string, string, string, string, string, string, string];
  const node = (id: number, kind: string): JsonObject => ({
    id,
    type: `${kind}x`,
    title,
    pos: [id * 10, 0],
    inputs: [{ name: `${name}i`, type: '*', link: null }],
    outputs: [{ name: slot, type: slot, links: null }],
    widgets_values: [value],
    widgets_values_named: { [`${key}w`]: value },
    properties: {},
  });
  return read({
    nodes: [node(1, type), node(2, type), { ...node(3, type), type: scope }],
    links: [[1, 1, 0, 2, 0, '*']],
    groups: [{ id: 1, title: group, bounding: [-100, -100, 900, 900] }],
    version: 0.4,
    last_node_id: 3,
    last_link_id: 1,
    definitions: {
      subgraphs: [
        {
          id: scope,
          name: inner,
          version: 1,
          inputs: [{ id: 'b0000000-0000-4000-8000-000000000001', name: slot, type: slot, linkIds: [] }],
          outputs: [],
          nodes: [node(1, type)],
          links: [],
        },
      ],
    },
  });
});

function drawn(a: Workflow | undefined, b: Workflow | undefined, name = 'a.json'): Element[] {
  const change = compareFile(name, a, b);
  const changes = change ? [change] : [];
  return (['svg', 'html'] as const).map((view) => {
    const { picture } = viewOf(changes, view, { from: name, to: name }, EMPTY_CATALOG);
    expect(picture).not.toMatch(STEERING);
    return parseXml(picture!);
  });
}

function checkMarkup(root: Element): void {
  const ids = elementsOf(root).map(({ attributes }) => attributes['id']);
  expect(new Set(ids.filter((id) => id !== undefined)).size).toBe(ids.filter((id) => id !== undefined).length);
  for (const element of elementsOf(root)) {
    const { name, attributes } = element;
    expect(ELEMENTS).toContain(name);
    for (const [key, value] of Object.entries(attributes)) {
      expect(ATTRIBUTES).toContain(key);
      if (key === 'href') expect(ids).toContain(value.slice(1));
      // An address in a label is a text as any other.
      if (key !== 'aria-label') expect(value).not.toMatch(/javascript:|data:|url\(/i);
    }
    if (name === 'style') expect(textOf(element)).not.toMatch(/@import|url\(|expression\(/);
  }
}

describe('[DF-6] pictures and pages', () => {
  it('are well-formed and hold nothing but known markup, for any two workflows', () => {
    fc.assert(
      fc.property(workflow, workflow, (a, b) => {
        if (a.format !== b.format) return;
        for (const root of drawn(a, b)) checkMarkup(root);
      }),
    );
  });

  it('hold hostile texts only as text', () => {
    fc.assert(
      fc.property(trap, trap, fc.constantFrom(...HOSTILE), (a, b, name) => {
        for (const [x, y] of [
          [a, b],
          [undefined, b],
          [a, undefined],
        ] as const)
          for (const root of drawn(x, y, name)) checkMarkup(root);
      }),
      { numRuns: 60 },
    );
  });

  it('are the same every time', () => {
    fc.assert(
      fc.property(workflow, workflow, (a, b) => {
        const change = { file: 'a.json', kind: 'changed' as const, before: a, after: b, edits: diffWorkflows(a, b) };
        const view = () => viewOf([change], 'html', { from: 'a', to: 'b' }, EMPTY_CATALOG).picture;
        expect(view()).toBe(view());
      }),
      { numRuns: 20 },
    );
  });
});
