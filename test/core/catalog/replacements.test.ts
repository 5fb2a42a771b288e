import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { REPLACEMENTS } from '../../../src/core/catalog/replacements.ts';
import { withCorpus } from '../../corpus.ts';

it('every replacement is a class of the shipped engine, and its inputs are inputs of it', () => {
  for (const [old, { to, inputs = [] }] of REPLACEMENTS) {
    const names = defaultCatalog()
      .node(to)
      ?.inputs.map(({ name }) => name);
    expect(names, `${old} -> ${to}`).toBeDefined();
    // What stands below a grown input or a dynamic combo goes by the name of that one.
    for (const { name } of inputs) expect(names, name).toContain(name.split('.')[0]);
  }
});

withCorpus('node_replacements.json', (path) => {
  it("the table is the server's own", () => {
    type Row = { new_node_id: string; input_mapping: Record<string, unknown>[] | null };
    const theirs = JSON.parse(readFileSync(path, 'utf8')) as Record<string, (Row & Record<string, unknown>)[]>;
    const ours = [...REPLACEMENTS].map(([old, { to, inputs, outputs, widgets }]) => {
      const mapping = inputs?.map((one) => ({
        new_id: one.name,
        ...('from' in one ? { old_id: one.from } : { set_value: one.value }),
      }));
      const slots = outputs?.map(({ from, to: slot }) => ({ old_idx: from, new_idx: slot }));
      const row = {
        new_node_id: to,
        old_node_id: old,
        old_widget_ids: widgets ?? null,
        input_mapping: mapping ?? null,
        output_mapping: slots ?? null,
      };
      return [old, [row]];
    });
    expect(Object.fromEntries(ours)).toEqual(theirs);
  });
});
