import { CwfError } from '../../../base/errors.ts';
import type { Money } from '../study/definition.ts';
import type { Tunables } from './tunable.ts';

/**
 * Refuses a study whose every run costs money, unless it is said what may be spent and what a run costs: no catalog tells
 * prices. Throws SPACE_HOSTED, which names the nodes. [SP-14]
 */
export function refuseHosted({ hosted }: Pick<Tunables, 'hosted'>, source: string, money: Partial<Money> = {}): void {
  const { most = 0, perRun = 0 } = money;
  if (hosted.length === 0 || (most > 0 && perRun > 0)) return;
  const nodes = hosted.map(({ node, class_type }) => `${class_type} (${node})`);
  throw new CwfError('SPACE_HOSTED', { source, nodes, ...(most > 0 ? { why: 'what a run costs is not known' } : {}) });
}
