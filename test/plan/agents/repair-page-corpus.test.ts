import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isCwfError } from '../../../src/base/errors.ts';
import { parseJson } from '../../../src/base/json-parse.ts';
import { jsonEqual } from '../../../src/base/json-text.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { declaredInputs } from '../../../src/core/catalog/declared-inputs.ts';
import { heldBy } from '../../../src/core/validate/fixes/facts.ts';
import { validateWorkflow } from '../../../src/core/validate/validate.ts';
import { readWorkflow } from '../../../src/core/workflow/read.ts';
import { scopeAt, withNode } from '../../../src/core/workflow/scopes.ts';
import type { Workflow, WorkflowNode } from '../../../src/core/workflow/types.ts';
import { writeWorkflow } from '../../../src/core/workflow/write.ts';
import { repairWorkflow } from '../../../src/plan/agents/coordinator.ts';
import { isFewer, nodeKey, nodesOf } from '../../../src/plan/agents/faults.ts';
import { withCorpus } from '../../corpus.ts';

const catalog = defaultCatalog();
const EVERY = 8;

/** Ways to damage a node of the page; undefined where it has no place for one. */
const DAMAGE: Readonly<Record<string, (node: WorkflowNode) => WorkflowNode | undefined>> = {
  'a key that is gone': (node) => held(node, (one) => one.type === 'COMFY_DYNAMICCOMBO_V3', ''),
  'a number out of range': (node) =>
    held(node, (one) => one.type === 'INT' && typeof one.options.max === 'number', 1e300),
  'a dead link': (node) => linked(node, { from: '99999', slot: 0 }),
  'a slot that is not there': (node) => linked(node, { from: Object.values(node.links)[0]?.from ?? '', slot: 17 }),
  'a slip in the class': (node) =>
    node.class_type.length > 6 && catalog.node(node.class_type) && !catalog.node(`${node.class_type}x`)
      ? { ...node, class_type: `${node.class_type}x` }
      : undefined,
};

function declaredOf(node: WorkflowNode) {
  const definition = catalog.node(node.class_type);
  return definition ? [...declaredInputs(definition, heldBy(node)).byName.values()] : [];
}

function held(
  node: WorkflowNode,
  fits: (input: ReturnType<typeof declaredOf>[number]) => boolean,
  value: string | number,
): WorkflowNode | undefined {
  const found = declaredOf(node).find((one) => fits(one) && Object.hasOwn(node.widgets, one.name));
  return found && { ...node, widgets: { ...node.widgets, [found.name]: value } };
}

function linked(node: WorkflowNode, link: WorkflowNode['links'][string]): WorkflowNode | undefined {
  const [name] = declaredOf(node).flatMap((one) => (Object.hasOwn(node.links, one.name) ? [one.name] : []));
  return name === undefined ? undefined : { ...node, links: { ...node.links, [name]: link } };
}

function again(workflow: Workflow): Workflow {
  return readWorkflow(writeWorkflow(workflow), { catalog, source: 'test' });
}

/** The nth node of each scope that a damage finds a place in. */
function* damaged(workflow: Workflow, turn: number): Generator<Workflow> {
  for (const scope of [undefined, ...Object.keys(workflow.subgraphs)]) {
    for (const damage of Object.values(DAMAGE)) {
      const places = Object.entries(scopeAt(workflow, scope)!.nodes).flatMap(([node, one]) => {
        const after = damage(one);
        return after ? [{ place: scope === undefined ? { node } : { scope, node }, after }] : [];
      });
      const chosen = places[turn % places.length];
      if (chosen) yield again(withNode(workflow, chosen.place, chosen.after));
    }
  }
}

withCorpus('templates', (path) => {
  test('[RA-3] damaged templates of the page: none is harmed, and each is what its text reads as', {
    timeout: 120_000,
  }, async () => {
    let [broken, valid] = [0, 0];
    for (const [turn, file] of readdirSync(path)
      .sort()
      .filter((_one, at) => at % EVERY === 0)
      .entries()) {
      const whole = read(join(path, file));
      if (!whole) continue;
      for (const start of damaged(whole, turn)) {
        const before = validateWorkflow(start, catalog).diagnostics;
        const { after, accepted, left } = await repairWorkflow(start, catalog);
        if (before.some(({ severity }) => severity === 'error')) {
          broken++;
          if (left.every(({ severity }) => severity !== 'error')) valid++;
        }
        if (accepted.length === 0) continue;
        expect(isFewer(left, before), file).toBe(true);
        expect(jsonEqual(again(after) as never, after as never), file).toBe(true);
        const named = new Set(accepted.flatMap(({ proposal }) => proposal.evidence.flatMap(nodesOf)));
        for (const scope of [undefined, ...Object.keys(start.subgraphs)])
          for (const [id, node] of Object.entries(scopeAt(start, scope)!.nodes))
            if (!named.has(nodeKey(scope, id)))
              expect(jsonEqual(scopeAt(after, scope)!.nodes[id] as never, node as never), `${file} ${id}`).toBe(true);
      }
    }
    expect(broken).toBeGreaterThan(100);
    expect(valid / broken).toBeGreaterThan(0.9);
  });
});

/** A template of the page without an error; undefined for other files. */
function read(path: string): Workflow | undefined {
  try {
    const workflow = readWorkflow(parseJson(readFileSync(path), { source: path }), { catalog, source: path });
    const { diagnostics } = validateWorkflow(workflow, catalog);
    const isWhole = workflow.format === 'ui' && diagnostics.every(({ severity }) => severity !== 'error');
    return isWhole ? workflow : undefined;
  } catch (error) {
    if (isCwfError(error)) return undefined;
    throw error;
  }
}
