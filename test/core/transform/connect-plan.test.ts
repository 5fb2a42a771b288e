import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseJson } from '../../../src/base/json-parse.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { connectPlan } from '../../../src/core/transform/connect-plan.ts';
import { downstreamOf, usersByNode } from '../../../src/core/transform/scope-wires.ts';
import { inputSlots } from '../../../src/core/transform/slots.ts';
import { connect, disconnect } from '../../../src/core/transform/wiring.ts';
import { detectFormat, readWorkflow } from '../../../src/core/workflow/read.ts';
import type { Workflow } from '../../../src/core/workflow/types.ts';
import { withCorpus } from '../../corpus.ts';
import { apiGraph } from '../../porcelain/samples.ts';

const catalog = defaultCatalog();
const START = readWorkflow(apiGraph(), { catalog, source: 'x.json' });

/** The graph without these links, `<node>.<input>`. */
function without(...inputs: string[]): Workflow {
  return inputs.reduce((workflow, text) => {
    const [node, input] = text.split('.') as [string, string];
    return disconnect(workflow, { node, input }, catalog);
  }, START);
}

describe('links for open inputs', () => {
  test('nothing is proposed where nothing is open', () => {
    expect(connectPlan(START, catalog)).toEqual([]);
  });

  test('every link of the graph is found again, all taken out at once [TE-20]', () => {
    const all = Object.entries(START.nodes).flatMap(([id, { links }]) =>
      Object.keys(links).map((input) => `${id}.${input}`),
    );
    const plan = connectPlan(without(...all), catalog);
    expect(plan).toHaveLength(all.length);
    for (const { node, input, from, slot } of plan)
      expect([node, input, { from, slot }]).toEqual([node, input, START.nodes[node]!.links[input]]);
  });

  test('the prompts are told apart, and each proposal says why [TE-21]', () => {
    const plan = connectPlan(without('3.positive', '3.negative'), catalog);
    const byInput = Object.fromEntries(plan.map((one) => [one.input, one]));
    expect(byInput.negative).toMatchObject({ from: '7', slot: 0 });
    expect(byInput.positive).toMatchObject({ from: '6', slot: 0 });
    for (const { confidence, reason } of plan) {
      expect(confidence).toBeGreaterThan(0);
      expect(confidence).toBeLessThan(1);
      expect(reason).not.toBe('');
    }
  });

  test('a link that would close a cycle is none [TE-20]', () => {
    const cut = without('3.latent_image');
    const { ['5']: _, ...nodes } = cut.nodes;
    expect(connectPlan({ ...cut, nodes }, catalog)).toEqual([]);
  });

  test('optional inputs are asked for', () => {
    const names = (optional: boolean) => connectPlan(START, catalog, { optional }).map(({ input }) => input);
    expect(names(false)).toEqual([]);
    const lone = { ...START.nodes, '10': { class_type: 'ControlNetApplyAdvanced', widgets: {}, links: {}, ui: {} } };
    const open = connectPlan({ ...START, nodes: lone }, catalog, { optional: true }).map(({ input }) => input);
    expect(open).toContain('vae');
    expect(connectPlan({ ...START, nodes: lone }, catalog).map(({ input }) => input)).not.toContain('vae');
  });
});

/** Links taken out of a workflow one by one (every `nth`): how sure, and whether the proposal is the link that was there. */
function lostLinks(workflow: Workflow, nth: number): { confidence: number; isRight: boolean }[] {
  let count = 0;
  return [null, ...Object.keys(workflow.subgraphs)].flatMap((scope) => {
    const { nodes } = scope === null ? workflow : workflow.subgraphs[scope]!;
    return Object.entries(nodes).flatMap(([node, { links }]) => {
      const at = scope === null ? { node } : { scope, node };
      const slots = inputSlots(workflow, at, catalog).filter(({ isRequired, isLinkOnly }) => isRequired && isLinkOnly);
      return slots.flatMap(({ name }) => {
        const link = links[name];
        if (!link || count++ % nth !== 0) return [];
        const cut = disconnect(workflow, { ...at, input: name }, catalog);
        const found = connectPlan(cut, catalog, { scope, nodes: [node] }).find(({ input }) => input === name);
        return [{ confidence: found?.confidence ?? 0, isRight: found?.from === link.from && found.slot === link.slot }];
      });
    });
  });
}

withCorpus('templates', (folder) => {
  const files = readdirSync(folder).filter((_, at) => at % 4 === 0);
  const workflows = files.flatMap((file) => {
    const json = parseJson(readFileSync(join(folder, file)), { source: file });
    return detectFormat(json) ? [readWorkflow(json, { catalog, source: file })] : [];
  });
  const lost = workflows.flatMap((workflow) => lostLinks(workflow, 3));

  test('most links of real workflows are found again, and a confidence means what it says [TE-21]', () => {
    const share = (of: typeof lost): number => of.filter(({ isRight }) => isRight).length / of.length;
    expect(lost.length).toBeGreaterThan(100);
    expect(share(lost)).toBeGreaterThan(0.75);
    expect(share(lost.filter(({ confidence }) => confidence >= 0.9))).toBeGreaterThan(0.93);
    expect(share(lost.filter(({ confidence }) => confidence < 0.5))).toBeLessThan(share(lost));
  });

  test('a plan applied as a whole makes no cycle', () => {
    for (const workflow of workflows.slice(0, 20)) {
      const plan = connectPlan(workflow, catalog, { optional: true });
      const after = plan.reduce((one, wire) => connect(one, wire, catalog), workflow);
      for (const scope of [undefined, ...Object.keys(after.subgraphs)]) {
        const users = usersByNode(after, scope);
        const nodes = scope === undefined ? after.nodes : after.subgraphs[scope]!.nodes;
        for (const id of Object.keys(nodes)) {
          const next = (users.get(id) ?? []).flatMap(({ node }) => [...downstreamOf(users, node)]);
          expect(next).not.toContain(id);
        }
      }
    }
  });
});
