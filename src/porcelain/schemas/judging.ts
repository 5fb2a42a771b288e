import { GOALS } from '../../plan/optimize/tunables/goals.ts';
import { fieldsOf, type Zod } from './fields.ts';

/** Inputs of the verbs that judge and measure workflows and what they made, and of those that keep it. */
export const JUDGING = {
  'metric ls': (z: Zod) => z.strictObject({ metrics: fieldsOf(z).texts('only these').optional() }),
  'metric run': (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      files: f.paths('images or videos'),
      metrics: f.texts('ids; default what applies').optional(),
      compare: f.path('image to compare with').optional(),
      set: f.paths('images they belong beside').optional(),
      prompt: f.prose('text that fed the sampler').optional(),
      note: f.rev('note the numbers on this commit').optional(),
      dryRun: f.flag('no change').optional(),
    });
  },
  'note add': (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      rev: f.rev('default HEAD').optional(),
      metrics: z.record(z.string().max(200), z.number()).describe('numbers by metric').optional(),
      text: f.prose('remark').optional(),
      dryRun: f.flag('no change').optional(),
    });
  },
  'note list': (z: Zod) => z.strictObject({}),
  'note show': (z: Zod) => z.strictObject({ rev: fieldsOf(z).rev('default HEAD').optional() }),
  'output add': (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      file: f.path('file that a run made'),
      rev: f.rev('commit that was run').optional(),
      dryRun: f.flag('no change').optional(),
    });
  },
  'output export': (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      output: f.text('sha256 of the output'),
      to: f.path('file to write'),
      form: z.enum(['bytes', 'pointer', 'thumbnail']).describe('default bytes').optional(),
    });
  },
  'output gc': (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      keep: z.enum(['all', 'noted']).describe('what to keep').optional(),
      maxGb: z.number().min(0).max(1e9).describe('room in GB').optional(),
      evenNoted: f.flag('drop what notes name, too').optional(),
      dryRun: f.flag('no change').optional(),
    });
  },
  'output ls': (z: Zod) => z.strictObject({ rev: fieldsOf(z).rev('only of this commit').optional() }),
  'output verify': (z: Zod) => z.strictObject({}),
  rank: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      candidates: f.texts('commits, or outputs as sha256:<digits>'),
      winner: z.enum(['a', 'b', 'tie']).describe('of two').optional(),
      best: f.text('of any number').optional(),
      dryRun: f.flag('no change').optional(),
    });
  },
  'rank next': (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      among: f.texts('candidates to ask about').optional(),
      by: f.text('only choices of this actor').optional(),
      study: f.text('ask about trials of this study').optional(),
      out: f.path('page to write').optional(),
    });
  },
  'rank show': (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      among: f.texts('only choices between these').optional(),
      by: f.text('only choices of this actor').optional(),
    });
  },
  space: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      file: f.path('workflow file, image, or <rev>:<path>'),
      goal: z.enum(GOALS).describe('what the search is for').optional(),
      also: f.texts('inputs to vary all the same').optional(),
      space: f.path('space file instead of what is found').optional(),
    });
  },
  validate: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      files: f.paths('workflow files, images, or <rev>:<path>'),
      lists: f.path('JSON of file names by folder').optional(),
      engine: f.text('version of ComfyUI').optional(),
      objectInfo: f.path("a server's /object_info").optional(),
      severity: z.enum(['error', 'warning', 'info']).describe('least severity').optional(),
      fixes: f.flag('also what would cure each').optional(),
    });
  },
};
