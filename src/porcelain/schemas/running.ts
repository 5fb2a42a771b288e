import type { Json } from '../../base/json.ts';
import { fieldsOf, isJson, type Zod } from './fields.ts';

const common = (z: Zod) => {
  const f = fieldsOf(z);
  return {
    file: f.path('workflow, where a commit has several').optional(),
    on: f.runner('runner').optional(),
    metrics: z
      .union([z.array(z.string().max(200)).max(1000), z.enum(['all', 'none'])])
      .describe('what to measure, default all')
      .optional(),
    record: f.flag('note the run, default true').optional(),
    timeout: z.number().min(1).max(86_400).describe('seconds').optional(),
    set: z
      .array(z.strictObject({ address: f.text('<node>.<input>'), value: f.text('JSON or text', 1_048_576) }))
      .max(1000)
      .describe('values for this run')
      .optional(),
    seed: z
      .union([z.int().min(0), z.bigint(), z.literal('random')])
      .describe('for every seed')
      .optional(),
    seeds: z
      .array(z.strictObject({ node: f.text('id'), input: f.text('name'), value: z.custom<Json>(isJson) }))
      .max(1000)
      .describe('single seeds')
      .optional(),
    input: f.path('folder of pictures').optional(),
    allowSecrets: f.flag('let key-like values through').optional(),
    dryRun: f.flag('run nothing').optional(),
  };
};

/** Inputs of the verbs that run workflows. */
export const RUNNING = {
  reproduce: (z: Zod) => {
    const { file, on, input, timeout, record } = common(z);
    const f = fieldsOf(z);
    return z.strictObject({
      what: f.path('commit, picture, output or file, default HEAD').optional(),
      run: f.text('first digits of its run').optional(),
      tolerance: f.share('pixels that may differ').optional(),
      repeat: z.int().min(1).max(100).describe('how often').optional(),
      dryRun: f.flag('run nothing').optional(),
      ...{ file, on, input, timeout, record },
    });
  },
  run: (z: Zod) =>
    z.strictObject({ what: fieldsOf(z).path('revision, <rev>:<file> or file, default HEAD').optional(), ...common(z) }),
  'run all': (z: Zod) =>
    z.strictObject({
      what: fieldsOf(z).texts('revisions, a..b, patterns like trial/*'),
      again: fieldsOf(z).flag('also what ran already').optional(),
      ...common(z),
    }),
  'run ls': (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      on: f.text('its runner').optional(),
      file: f.path('workflow').optional(),
      unfinished: f.flag('did not finish').optional(),
      limit: f.count('default 50').optional(),
      skip: f.count('left out first').optional(),
    });
  },
  'runner ls': (z: Zod) => z.strictObject({ on: fieldsOf(z).runner('runner').optional() }),
};
