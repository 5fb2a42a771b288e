import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../src/base/json.ts';
import { defaultCatalog } from '../../src/core/catalog/catalog.ts';
import { applyEdits } from '../../src/core/edit/compile.ts';
import { diffWorkflows } from '../../src/core/edit/diff.ts';
import { type Edit, makeEdit } from '../../src/core/edit/edit.ts';
import { merge3 } from '../../src/core/edit/merge.ts';
import { renumber, renumberEdit } from '../../src/core/edit/renumber.ts';
import { parseWorkflow } from '../../src/core/workflow/read.ts';
import type { Scope, Workflow } from '../../src/core/workflow/types.ts';
import { type BenchContext, type Figure, figure } from '../figure.ts';
import { interleaved, median } from '../measure.ts';

const ROUNDS = 41;
/** Diffs before the clock counts: the engine compiles what runs often. */
const WARM = 60;
/** Diffs in one round of the small ones. */
const IN_A_ROW = 10;
const BARS = { median: 2, largest: 60 };

/**
 * What telling the difference of two workflows costs, in a warm process: one changed value, and a copy with all ids new
 * and one value changed, of the template of median size and of the largest. Needs the shared corpus.
 */
export async function figures(ctx: BenchContext): Promise<Figure[]> {
  const folder = join(process.env['CWF_CORPUS'] ?? join(ctx.root, '../shared/data'), 'templates');
  if (!existsSync(folder)) {
    ctx.note('the corpus of templates is absent (set CWF_CORPUS to the folder that holds it): nothing is measured');
    return [];
  }
  const sizes = templates(folder);
  const picked = { median: sizes[sizes.length >> 1]!, largest: sizes.at(-1)! };
  const out: Figure[] = [];
  for (const size of ['median', 'largest'] as const) {
    const { name, workflow, nodes } = picked[size];
    const changed = applyEdits(workflow, [changedValue(workflow)]);
    const copy = allIdsNew(changed);
    for (let run = 0; run < WARM; run++) diffWorkflows(workflow, run % 2 === 0 ? changed : copy);
    const repeat = size === 'median' ? IN_A_ROW : 1;
    const time = (other: Workflow) => () => {
      const started = performance.now();
      for (let run = 0; run < repeat; run++) diffWorkflows(workflow, other);
      return (performance.now() - started) / repeat;
    };
    const times = await interleaved({ changed: time(changed), copy: time(copy) }, ROUNDS);
    const common = { suite: 'semantics', unit: 'ms', against: `${name}, ${nodes} nodes`, bar: BARS[size] };
    out.push(figure({ ...common, name: `diff, ${size} template, one value`, value: median(times.changed) }));
    out.push(figure({ ...common, name: `diff, ${size} template, all ids new`, value: median(times.copy) }));
    out.push(await mergeFigure(size, name, workflow, changed, repeat));
  }
  return out;
}

/** A merge of two sides with a changed value each, against the diff of one of them in the same rounds. */
async function mergeFigure(
  size: string,
  name: string,
  base: Workflow,
  ours: Workflow,
  repeat: number,
): Promise<Figure> {
  const theirs = applyEdits(base, [changedValue(base, 'first')]);
  for (let run = 0; run < WARM; run++) merge3(base, ours, theirs);
  const time = (once: () => unknown) => () => {
    const started = performance.now();
    for (let run = 0; run < repeat; run++) once();
    return (performance.now() - started) / repeat;
  };
  const times = await interleaved(
    { merge: time(() => merge3(base, ours, theirs)), diff: time(() => diffWorkflows(base, ours)) },
    ROUNDS,
  );
  const [merge, diff] = [median(times.merge), median(times.diff)];
  const against = `diff (${diff.toFixed(2)} ms; merge ${merge.toFixed(2)} ms), ${name}`;
  return figure({
    suite: 'semantics',
    name: `merge, ${size} template`,
    value: merge / diff,
    unit: 'ratio',
    against,
    bar: 3,
  });
}

interface Template {
  readonly name: string;
  readonly workflow: Workflow;
  readonly nodes: number;
}

/** The templates from the smallest to the largest, by the number of nodes in all scopes. */
function templates(folder: string): Template[] {
  const out: Template[] = [];
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
    const bytes = readFileSync(join(folder, name));
    // The folder holds one file that is no workflow.
    if (!bytes.includes('"nodes"')) continue;
    const workflow = parseWorkflow(bytes, { catalog: defaultCatalog(), source: name });
    out.push({
      name,
      workflow,
      nodes: scopesOf(workflow).reduce((sum, [, { nodes }]) => sum + Object.keys(nodes).length, 0),
    });
  }
  return out.sort((a, b) => a.nodes - b.nodes || (a.name < b.name ? -1 : 1));
}

function scopesOf(workflow: Workflow): [readonly string[], Scope][] {
  const inner = Object.entries(workflow.subgraphs).map(([id, scope]): [string[], Scope] => [['subgraphs', id], scope]);
  return [[[], workflow], ...inner];
}

/** An edit of the last value of the document, or of the first. */
function changedValue(workflow: Workflow, which: 'first' | 'last' = 'last'): Edit {
  let edit: Edit | undefined;
  for (const [prefix, { nodes }] of scopesOf(workflow)) {
    for (const [id, { widgets }] of Object.entries(nodes)) {
      for (const [name, value] of Object.entries(widgets))
        if (edit === undefined || which === 'last')
          edit = makeEdit([...prefix, 'nodes', id, 'widgets', name], value, [value] as Json);
    }
  }
  if (edit === undefined) throw new Error('a template without a value');
  return edit;
}

function allIdsNew(workflow: Workflow): Workflow {
  return scopesOf(workflow).reduce((w, [prefix, { nodes }]) => {
    const ids = Object.keys(nodes).map((id) => [id, String(Number(id) + 10_000)] as const);
    return renumber(w, renumberEdit([...prefix, 'nodes'], ids));
  }, workflow);
}
