import type { Json } from '../../base/json.ts';
import { isControl } from './widget-list.ts';

/** Names of widgets that have a socket and save nothing: the player of a sound. */
const UNSAVED = new Set(['audioUI']);
const SEEDS = /(^|\.)(noise_)?seed$/;

/**
 * Names by the node's own sockets, for files that list every widget among them: they stand in the order of the widgets
 * (measured: in every node of the official files that shows two or more and names its values too), and were saved with
 * the values, whatever engine that was. What has no socket is `control_after_generate` behind a seed. Undefined unless
 * the count comes out even, since older files list only the widgets that were turned into inputs. Depends on how many
 * values there are, and on no value but those of controls.
 */
export function socketNames(sockets: readonly string[], values: readonly Json[]): readonly string[] | undefined {
  if (sockets.length === 0 || new Set(sockets).size < sockets.length) return undefined;
  const saved = sockets.filter((name) => !UNSAVED.has(name));
  const candidates = [
    sockets,
    saved,
    // A seed below a dynamic combo has a control in some classes only.
    withControls(saved, (name) => SEEDS.test(name)),
    withControls(saved, (name) => SEEDS.test(name) && !name.includes('.')),
  ];
  return candidates.find((names) => names.length === values.length && areControls(names, values));
}

function withControls(names: readonly string[], isSeed: (name: string) => boolean): readonly string[] {
  const at = names.flatMap((name, i) => (isSeed(name) && !names.includes('control_after_generate') ? [i] : []));
  // Two of them would have one name.
  if (at.length !== 1) return [];
  return [...names.slice(0, at[0]! + 1), 'control_after_generate', ...names.slice(at[0]! + 1)];
}

function areControls(names: readonly string[], values: readonly Json[]): boolean {
  return names.every((name, i) => name !== 'control_after_generate' || isControl(values[i]));
}
