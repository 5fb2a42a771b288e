import { type Fingerprint, hashDistance } from './fingerprint.ts';

/** What the gates look at: facts of one output. */
export interface GateFacts extends Fingerprint {
  readonly width: number;
  readonly height: number;
  /** In levels. */
  readonly lumaMean: number;
  readonly lumaStd: number;
  readonly clipHigh: number;
}

/** What an output is held against. */
export interface Expected {
  /** The size that was asked for, in pixels. */
  readonly width?: number;
  readonly height?: number;
  /** Earlier outputs, by a name that people know. */
  readonly earlier?: readonly (Fingerprint & { readonly name: string })[];
}

/** A sign that an output failed, with the reason in words. */
export interface Gate {
  readonly gate: 'black' | 'single-color' | 'clipped' | 'duplicate' | 'near-duplicate' | 'size';
  readonly reason: string;
}

/** Bars of the gates; docs/metrics.md gives the reasons. */
export const GATE_BARS = { std: 0.5, black: 2, clipHigh: 0.3, hashDistance: 3 } as const;

/** The gates that an output fails; none for a sound one. */
export function failedGates(facts: GateFacts, expected: Expected = {}): readonly Gate[] {
  const failed: Gate[] = [];
  const flat = facts.lumaStd < GATE_BARS.std;
  if (flat && facts.lumaMean <= GATE_BARS.black) {
    failed.push({
      gate: 'black',
      reason: 'the image is black: an overflow in the VAE at half precision looks like this',
    });
  } else if (flat) failed.push({ gate: 'single-color', reason: 'the image has one colour' });
  if (facts.clipHigh > GATE_BARS.clipHigh) {
    failed.push({ gate: 'clipped', reason: `${Math.round(facts.clipHigh * 100)} % of the pixels are burnt out` });
  }
  const { width = facts.width, height = facts.height } = expected;
  if (width !== facts.width || height !== facts.height) {
    failed.push({
      gate: 'size',
      reason: `the image is ${facts.width}x${facts.height}, and ${width}x${height} was asked for`,
    });
  }
  return [...failed, ...repeated(facts, expected.earlier ?? [], flat)];
}

/** The same pixels as an earlier output, or nearly; of an image of one colour the hash says nothing. */
function repeated(facts: GateFacts, earlier: NonNullable<Expected['earlier']>, flat: boolean): readonly Gate[] {
  const same = earlier.find(({ pixelSha256 }) => pixelSha256 === facts.pixelSha256);
  if (same) return [{ gate: 'duplicate', reason: `the pixels are those of ${same.name}` }];
  if (flat) return [];
  const distances = earlier.map(({ dhash64 }) => hashDistance(dhash64, facts.dhash64));
  const nearest = distances.indexOf(Math.min(...distances));
  if (nearest < 0 || distances[nearest]! > GATE_BARS.hashDistance) return [];
  const reason = `it looks like ${earlier[nearest]!.name}: ${distances[nearest]} of 64 bits of the hash differ`;
  return [{ gate: 'near-duplicate', reason }];
}
