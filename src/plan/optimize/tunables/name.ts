import { own, uniqueKey } from '../../../core/workflow/names.ts';
import type { Workflow } from '../../../core/workflow/types.ts';
import type { Conditional } from './states.ts';

/**
 * A name for each value: its word where it is the only one of it (`steps`), else behind the id of the node that reads
 * it (`3.steps`), inside a subgraph behind the subgraph's name too (`Refine/3.steps`); where only the states of a switch
 * tell two apart, before `.on` or `.off`. What is searched has the first choice. [SP-12]
 */
export function namesFor(drafts: readonly Conditional[], isSearched: readonly boolean[], workflow: Workflow): string[] {
  const longer: readonly ((draft: Conditional) => string)[] = [
    ({ word }) => word,
    ({ word, on }) => (on ? `${word}.${on.value ? 'on' : 'off'}` : word),
    ({ word, readers }) => `${readers[0]!.node.place.node}.${word}`,
    (draft) => `${scopeName(draft, workflow)}${draft.readers[0]!.node.place.node}.${draft.word}`,
  ];
  const names: string[] = [];
  const taken = new Set<string>();
  for (const turn of [true, false]) {
    const rivals = drafts.filter((_, at) => isSearched[at] === turn);
    for (const [at, draft] of drafts.entries()) {
      if (isSearched[at] !== turn) continue;
      const isFree = (name: string): boolean => !taken.has(name);
      const fit = longer.find(
        (name) => isFree(name(draft)) && rivals.filter((one) => name(one) === name(draft)).length === 1,
      );
      names[at] = uniqueKey((fit ?? longer.at(-1)!)(draft), taken);
      taken.add(names[at]);
    }
  }
  return names;
}

function scopeName({ readers }: Conditional, { subgraphs }: Workflow): string {
  const { scope } = readers[0]!.node.place;
  return scope === undefined ? '' : `${own(subgraphs, scope)?.name || scope}/`;
}
