import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { isObject, type Json, type JsonObject } from '../../../src/base/json.ts';
import { parseJson } from '../../../src/base/json-parse.ts';
import { jsonEqual } from '../../../src/base/json-text.ts';
import { defaultCatalog, type NodeDefinition } from '../../../src/core/catalog/catalog.ts';
import { type NamedNode, positionNames } from '../../../src/core/catalog/widget-names.ts';
import { corpus, withCorpus } from '../../corpus.ts';

const catalog = defaultCatalog();

/** How many positions got their name, none, or another one. */
interface Tally {
  right: number;
  unknown: number;
  wrong: number;
}
const tally = (): Tally => ({ right: 0, unknown: 0, wrong: 0 });
const share = (count: number, { right, unknown, wrong }: Tally) => (100 * count) / (right + unknown + wrong);

const objects = (json: Json | undefined) => (Array.isArray(json) ? json.filter(isObject) : []);

/** Every node of a file, with the path of ids that ComfyUI gives it in a prompt; definitions too where `expand` is off. */
function nodesOf(file: string, expand: boolean): [string, JsonObject][] {
  const json = parseJson(readFileSync(file), { source: basename(file) }) as JsonObject;
  const subgraphs = objects(isObject(json.definitions) ? json.definitions.subgraphs : undefined);
  const visit = (scope: JsonObject, prefix: string): [string, JsonObject][] =>
    objects(scope.nodes).flatMap((node) => {
      const inner = expand ? subgraphs.find(({ id }) => id === node.type) : undefined;
      return inner ? visit(inner, `${prefix}${node.id}:`) : [[`${prefix}${node.id}`, node] as [string, JsonObject]];
    });
  return [json, ...(expand ? [] : subgraphs)].flatMap((scope) => visit(scope, ''));
}

const filesOf = (folder: string) =>
  readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'fuse_options.json');

/** What is known of a node, its named copy left out. */
function alone(node: JsonObject): NamedNode {
  const sockets = objects(node.inputs).map(({ widget }) => (isObject(widget) ? widget.name : undefined));
  const values = node.widgets_values as Json[];
  return { class_type: String(node.type), values, socketWidgets: sockets.filter((name) => typeof name === 'string') };
}

/** Names of the inputs of a class, those below options dotted; with the keys of dynamic combos, which decide on others. */
function inputsOf(definition: NodeDefinition): { names: Set<string>; combos: Map<string, Json[]> } {
  const names = new Set<string>();
  const combos = new Map<string, Json[]>();
  const visit = (name: string, type: Json | undefined, facts: Json | undefined) => {
    names.add(name);
    if (type !== 'COMFY_DYNAMICCOMBO_V3' || !isObject(facts)) return;
    const options = objects(facts.options);
    combos.set(name, [...(combos.get(name) ?? []), ...options.flatMap(({ key }) => key ?? [])]);
    for (const { inputs } of options) {
      for (const section of Object.values(isObject(inputs) ? inputs : {})) {
        for (const [below, spec] of Object.entries(section as JsonObject)) {
          const [kind, more] = spec as Json[];
          visit(`${name}.${below}`, kind, more);
        }
      }
    }
  };
  for (const { name, type, options } of definition.inputs) visit(name, type, options);
  return { names, combos };
}

/** Names that the page adds to those of a definition. */
const PAGE = /^(control_after_generate|fixed|upload|x|y|width|height|image|index|option\d+)$/;

/** Whether a node was saved with the inputs and options that the definition has. */
function isOfSchema(definition: NodeDefinition, named: JsonObject): boolean {
  const { names, combos } = inputsOf(definition);
  return Object.entries(named).every(
    ([name, value]) => PAGE.test(name) || (names.has(name) && (combos.get(name)?.includes(value) ?? true)),
  );
}

withCorpus('templates', (templates) => {
  const folders = [templates, corpus('blueprints')].filter((one) => one !== undefined);
  const nodes = folders.flatMap((folder) => filesOf(folder).flatMap((file) => nodesOf(join(folder, file), false)));
  const saved = nodes.flatMap(([, node]) => {
    const { widgets_values: values, widgets_values_named: named } = node;
    const definition = catalog.node(String(node.type));
    return definition && Array.isArray(values) && isObject(named) ? [{ node, values, named, definition }] : [];
  });

  it('names the positions of nodes that name them too, without being told', () => {
    const all = tally();
    const ofSchema = tally();
    for (const { node, values, named, definition } of saved) {
      const keys = Object.keys(named);
      // Where the copies disagree, or have not the same members, the file itself does not say what is where.
      if (keys.length !== values.length || !keys.every((key, i) => jsonEqual(named[key]!, values[i]!))) continue;
      for (const [i, name] of positionNames(alone(node), catalog).entries()) {
        const verdict = name === undefined ? 'unknown' : name === keys[i] ? 'right' : 'wrong';
        all[verdict]++;
        if (isOfSchema(definition, named)) ofSchema[verdict]++;
      }
    }
    expect(all.right).toBeGreaterThan(6000);
    expect(share(all.wrong, all)).toBeLessThan(0.3);
    // The rest is of newer engines: classes with other inputs, options that the definition has not.
    expect(share(all.right, all)).toBeGreaterThan(94);
    expect(share(ofSchema.right, ofSchema)).toBeGreaterThan(97);
    expect(share(ofSchema.wrong, ofSchema)).toBeLessThan(0.3);
  });

  it('maps positions onto the named copy, whatever the order of its keys', () => {
    const all = tally();
    for (const { node, values, named } of saved) {
      const found = positionNames({ ...alone(node), named }, catalog);
      const turned = Object.fromEntries(Object.entries(named).reverse());
      expect(positionNames({ ...alone(node), named: turned }, catalog)).toEqual(found);
      for (const [i, name] of found.entries()) {
        if (name === undefined) all.unknown++;
        else if (Object.hasOwn(named, name) && jsonEqual(named[name]!, values[i]!)) all.right++;
        else all.wrong++;
      }
    }
    expect(share(all.right, all)).toBeGreaterThan(98);
    // Files whose copies truly disagree.
    expect(share(all.wrong, all)).toBeLessThan(0.3);
  });

  it('[CF-8] keeps the names of the other positions when one number or text is edited', () => {
    let moved = 0;
    let edits = 0;
    for (const { node, values, definition } of saved) {
      const before = positionNames(alone(node), catalog);
      const { combos } = inputsOf(definition);
      for (const [i, value] of values.entries()) {
        const name = before[i];
        if (typeof value !== 'number' && typeof value !== 'string') continue;
        // The key of a dynamic combo decides what follows it; a control is what tells where a list ends.
        if (name === undefined || name === 'control_after_generate' || combos.has(name)) continue;
        const edited = values.with(i, typeof value === 'number' ? value + 1 : `${value}!`);
        const after = positionNames({ ...alone(node), values: edited }, catalog);
        edits++;
        if (!after.every((one, at) => one === before[at])) moved++;
      }
    }
    expect(edits).toBeGreaterThan(4000);
    expect(moved).toBe(0);
  });
});

withCorpus('groundtruth', (folder) => {
  it('gives the values that the page puts into the prompt', () => {
    const index = parseJson(readFileSync(corpus('groundtruth.index.json')!), { source: 'index' }) as {
      items: JsonObject;
    };
    const all = tally();
    for (const file of filesOf(folder)) {
      if ((index.items[basename(file, '.json')] as JsonObject | undefined)?.stable !== true) continue;
      const { output } = parseJson(readFileSync(join(folder, file)), { source: file }) as { output: JsonObject };
      for (const [id, node] of nodesOf(join(corpus('templates')!, file), true)) {
        const sent = output[id];
        if (!isObject(sent) || !isObject(sent.inputs) || !catalog.node(String(node.type))) continue;
        if (sent.class_type !== node.type || !Array.isArray(node.widgets_values) || node.widgets_values_named) continue;
        // What is linked has its value from elsewhere, which may be the widget of a subgraph instance.
        const linked = new Set(
          objects(node.inputs).flatMap(({ name, link }) => (typeof link === 'number' ? [name] : [])),
        );
        for (const [i, name] of positionNames(alone(node), catalog).entries()) {
          if (name === undefined) all.unknown++;
          else if (!Object.hasOwn(sent.inputs, name) || linked.has(name) || Array.isArray(sent.inputs[name])) continue;
          else if (jsonEqual(sent.inputs[name]!, node.widgets_values[i]!)) all.right++;
          else all.wrong++;
        }
      }
    }
    expect(all.right).toBeGreaterThan(2000);
    expect(share(all.wrong, all)).toBeLessThan(0.3);
  });
});
