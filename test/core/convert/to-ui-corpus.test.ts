import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { parseJson } from '../../../src/base/json-parse.ts';
import { jsonEqual } from '../../../src/base/json-text.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { convertToApi } from '../../../src/core/convert/convert.ts';
import { convertToUi, type UiConversion } from '../../../src/core/convert/to-ui.ts';
import { readWorkflow } from '../../../src/core/workflow/read.ts';
import { withCorpus } from '../../corpus.ts';

interface Case {
  readonly name: string;
  readonly prompt: Record<string, { readonly class_type: string; readonly inputs: JsonObject }>;
  readonly conversion: UiConversion;
}

const catalog = defaultCatalog();

/** The page's own prompts of a folder; numbers are those of its JavaScript. */
function cases(folder: string): Case[] {
  return readdirSync(folder).map((file) => {
    const { output } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    // The page sends a class it does not know without its name.
    for (const node of Object.values<JsonObject>(output)) node.class_type ??= 'Unknown class';
    const prompt = parseJson(JSON.stringify(output)) as never as Case['prompt'];
    const workflow = readWorkflow(prompt as never, { catalog, source: file });
    return { name: file, prompt, conversion: convertToUi(workflow, catalog) };
  });
}

function isKnown({ prompt }: Case): boolean {
  return Object.values(prompt).every(({ class_type }) => catalog.node(class_type) !== undefined);
}

/** The file as pages before named values wrote it. */
function byPosition(document: JsonObject): JsonObject {
  const nodes = document.nodes as JsonObject[];
  return { ...document, nodes: nodes.map(({ widgets_values_named: _, ...node }) => node) };
}

/** Places where the way back says something else, `_meta` aside. */
function differences({ prompt, conversion }: Case, document = conversion.document): string[] {
  const read = readWorkflow(document, { catalog, source: 'x' });
  const back = convertToApi(read, catalog, { now: new Date(0), choose: () => 0 });
  const ids = new Set([...Object.keys(prompt), ...Object.keys(back.prompt)]);
  return [...ids].flatMap((id) => {
    const [a, b] = [prompt[id], back.prompt[id]];
    if (!a || !b || a.class_type !== b.class_type) return [`${id}: ${a?.class_type} ${b?.class_type}`];
    const names = new Set([...Object.keys(a.inputs), ...Object.keys(b.inputs)]);
    return [...names].flatMap((name) =>
      jsonEqual(a.inputs[name], b.inputs[name])
        ? []
        : [`${id} ${a.class_type}.${name}: ${JSON.stringify(a.inputs[name])} ${JSON.stringify(b.inputs[name])}`],
    );
  });
}

interface Place {
  readonly pos: [number, number];
  readonly size: [number, number];
}

/** Pairs of nodes whose boxes, titles included, overlap. */
function overlaps({ document }: UiConversion): string[] {
  const nodes = document.nodes as never as (Place & { id: Json })[];
  const apart = (a: Place, b: Place): boolean =>
    a.pos[0] + a.size[0] <= b.pos[0] || a.pos[1] + a.size[1] <= b.pos[1] - 30;
  return nodes.flatMap((a, at) =>
    nodes.slice(at + 1).flatMap((b) => (apart(a, b) || apart(b, a) ? [] : [`${a.id} ${b.id}`])),
  );
}

/** Links that do not lead to the right. */
function leftward({ document }: UiConversion): Json[] {
  const places = new Map((document.nodes as never as (Place & { id: Json })[]).map((node) => [node.id, node]));
  return (document.links as Json[][]).flatMap(([id, from, , to]) => {
    const [a, b] = [places.get(from!)!, places.get(to!)!];
    return a.pos[0] + a.size[0] < b.pos[0] ? [] : [id!];
  });
}

for (const corpus of ['groundtruth', 'groundtruth_blueprints']) {
  withCorpus(corpus, (folder) => {
    const all = cases(folder);

    test('[CV-67] the way back is the prompt, on every one of known classes', () => {
      const known = all.filter(isKnown);
      expect(known.length).toBeGreaterThan(20);
      const wrong = known.map((one) => [one.name, differences(one)] as const).filter(([, found]) => found.length > 0);
      expect(wrong).toEqual([]);
    });

    test('[CV-60] values stand where a page that goes by position looks for them', () => {
      const known = all.filter(isKnown);
      const wrong = known.map((one) => [one.name, differences(one, byPosition(one.conversion.document))] as const);
      expect(wrong.filter(([, found]) => found.length > 0)).toEqual([]);
    });

    test('[CV-67] what differs is remarked on, and nothing else', () => {
      for (const one of all) {
        const remarked = one.conversion.diagnostics.filter(
          ({ code }) => !['CLASS_UNKNOWN', 'VALUE_HELD'].includes(code),
        );
        expect([one.name, differences(one).length]).toEqual([one.name, remarked.length]);
      }
    });

    test('[CV-66] no boxes overlap and all links lead to the right', () => {
      for (const { name, conversion } of all) {
        expect([name, overlaps(conversion), leftward(conversion)]).toEqual([name, [], []]);
      }
    });
  });
}
