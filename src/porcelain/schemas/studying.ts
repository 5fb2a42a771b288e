import { FIDELITY_KINDS } from '../../plan/optimize/sampler.ts';
import { GOALS } from '../../plan/optimize/tunables/goals.ts';
import { fieldsOf, type Zod } from './fields.ts';

const study = (z: Zod) => z.strictObject({ study: fieldsOf(z).text('name of the study') });
const trial = (z: Zod) => z.strictObject({ trial: fieldsOf(z).text('<study>/<number>') });

const resuming = (z: Zod) => {
  const f = fieldsOf(z);
  return {
    hosts: z.array(f.runner('runner')).max(100).describe('runners, default all').optional(),
    input: f.path('folder of pictures').optional(),
    money: z.number().min(0).describe('for hosted nodes, in all').optional(),
    costPerRun: z.number().min(0).describe('of a run').optional(),
    minutes: z.number().min(0).describe('most time').optional(),
  };
};

/** Inputs of the verbs of studies. */
export const STUDYING = {
  'exp apply': (z: Zod) =>
    trial(z).extend({
      reason: fieldsOf(z).prose('why; kept in the message').optional(),
      dryRun: fieldsOf(z).flag('no change').optional(),
    }),
  'exp compare': (z: Zod) =>
    z.strictObject({ a: fieldsOf(z).text('<study>/<number>'), b: fieldsOf(z).text('<study>/<number>') }),
  'exp confirm': (z: Zod) => {
    const f = fieldsOf(z);
    const { minutes: _, ...running } = resuming(z);
    return study(z).extend({
      top: f.count('trials', 100).optional(),
      seeds: f.count('seeds', 100).optional(),
      ...running,
      dryRun: f.flag('no run').optional(),
    });
  },
  'exp explain': study,
  'exp ls': (z: Zod) => z.strictObject({}),
  'exp plot': (z: Zod) => study(z).extend({ out: fieldsOf(z).path('page to write') }),
  'exp promote': trial,
  'exp resume': (z: Zod) =>
    study(z).extend({ ...resuming(z), budget: fieldsOf(z).count('trials in all', 100_000).optional() }),
  'exp show': study,
  'exp stop': study,
  optimize: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      what: f.rev('revision or <rev>:<file>, default HEAD').optional(),
      file: f.path('workflow, where a commit has several').optional(),
      goal: z.enum(GOALS).describe('what the search is for').optional(),
      goals: f.texts('<goal>:<weight>').optional(),
      objectives: f.texts('<metric>:max|min[:<weight>]').optional(),
      space: f.path('space file instead of what is found').optional(),
      also: f.texts('inputs to vary all the same').optional(),
      only: f.texts('parameters to search').optional(),
      fix: z
        .array(z.strictObject({ name: f.text('parameter'), value: f.text('value') }))
        .max(1000)
        .describe('values that are held')
        .optional(),
      budget: f.count('trials', 100_000),
      vram: f.text('most memory: 8GB').optional(),
      limits: f.texts('latency:10s, <metric>:<=0.3').optional(),
      sampler: f.text('default by space and budget').optional(),
      pruner: f.text('default none').optional(),
      fidelity: z.enum(FIDELITY_KINDS).describe('of a trial').optional(),
      repeats: f.count('seeds of each trial', 100).optional(),
      seed: z.int().min(0).describe('of the search').optional(),
      name: f.text('of the study').optional(),
      cold: f.flag('nothing from earlier studies').optional(),
      dryRun: f.flag('all but the trials').optional(),
      ...resuming(z),
    });
  },
};
