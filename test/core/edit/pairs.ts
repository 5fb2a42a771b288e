import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import type { Matching } from '../../../src/core/edit/match.ts';
import { parseWorkflow } from '../../../src/core/workflow/read.ts';
import type { NodePlace } from '../../../src/core/workflow/scopes.ts';
import type { Workflow } from '../../../src/core/workflow/types.ts';

/** Each two successive versions of each workflow of a history corpus. */
export function* pairsIn(folder: string): Generator<[string, Workflow, Workflow]> {
  for (const name of readdirSync(folder).filter((entry) => !entry.endsWith('.json'))) {
    const files = readdirSync(join(folder, name)).filter((file) => file.endsWith('.json'));
    let before: Workflow | undefined;
    for (const file of files.sort()) {
      const source = join(name, file);
      const after = parseWorkflow(readFileSync(join(folder, source)), { catalog: defaultCatalog(), source });
      if (before) yield [source, before, after];
      before = after;
    }
  }
}

/** A matching seen from the other side. */
export function mirrored({ scopes, subgraphs, moved }: Matching): Matching {
  const turned = (map: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
    new Map([...map].map(([x, y]) => [y, x]));
  return {
    scopes: scopes.map(({ a, b, nodes, inputs, outputs }) => ({
      ...(b === undefined ? {} : { a: b }),
      ...(a === undefined ? {} : { b: a }),
      nodes: turned(nodes),
      inputs: turned(inputs),
      outputs: turned(outputs),
    })),
    subgraphs: turned(subgraphs),
    moved: moved.map(({ a, b }) => ({ a: b, b: a })),
  };
}

/** A matching as sorted texts, to be compared. */
export function plainMatching({ scopes, subgraphs, moved }: Matching): unknown {
  const place = ({ scope, node }: NodePlace): string => `${scope ?? ''}/${node}`;
  return {
    scopes: scopes
      .map(({ a, b, nodes, inputs, outputs }) =>
        JSON.stringify([a, b, [...nodes].sort(), [...inputs].sort(), [...outputs].sort()]),
      )
      .sort(),
    subgraphs: [...subgraphs].sort(),
    moved: moved.map(({ a, b }) => `${place(a)} ${place(b)}`).sort(),
  };
}
