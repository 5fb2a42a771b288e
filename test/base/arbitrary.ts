import fc from 'fast-check';
import type { Json } from '../../src/base/json.ts';

const FORBIDDEN = ['__proto__', 'constructor', 'prototype'];
const text = fc.string({ unit: 'grapheme' });
const key = fc
  .oneof(text, fc.nat(200).map(String), fc.constantFrom('toString', '-', '~/'))
  .filter((k) => !FORBIDDEN.includes(k));
const wide = fc.bigInt({ min: 2n ** 53n, max: 2n ** 70n }).chain((n) => fc.constantFrom(n, -n));
/** As the reader gives them: no -0, no double that is a wide integer. */
const double = fc
  .double({ noDefaultInfinity: true, noNaN: true })
  .map((n) => (n === 0 || (Math.abs(n) >= 2 ** 53 && Math.abs(n) < 1e21) ? 0 : n));

/** Any JSON as cwf holds it, bigints included. */
export const anyJson: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), double, wide, text),
    fc.array(tie('json')),
    fc.dictionary(key, tie('json')),
  ),
})).json;
