import { CwfError } from '../../../base/errors.ts';
import type { Tunables } from './tunable.ts';

/**
 * Refuses a study whose every trial costs money, unless it has a budget of money. Throws SPACE_HOSTED, which names the
 * nodes. [SP-14]
 */
export function refuseHosted({ hosted }: Pick<Tunables, 'hosted'>, source: string, money: number | undefined): void {
  if (hosted.length === 0 || (money !== undefined && money > 0)) return;
  const nodes = hosted.map(({ node, class_type }) => `${class_type} (${node})`);
  throw new CwfError('SPACE_HOSTED', { source, nodes });
}
