import { fieldsOf, type Zod } from './fields.ts';

const proposal = (z: Zod) => fieldsOf(z).text('its id, or the first digits', 80);

const verdict = (z: Zod) =>
  z.strictObject({
    proposal: proposal(z),
    text: fieldsOf(z).prose('why').optional(),
    dryRun: fieldsOf(z).flag('no change').optional(),
  });

/** Inputs of the verbs around proposals and protected branches. */
export const REVIEWING = {
  propose: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      branch: f.rev('default that of HEAD').optional(),
      fromWorkingTree: f.flag('what is not committed').optional(),
      into: f.rev('branch it shall go into').optional(),
      title: f.prose('default the last subject').optional(),
      reason: f.prose('why').optional(),
      allowSecrets: f.flag('also what looks like keys').optional(),
      dryRun: f.flag('no change').optional(),
    });
  },
  protect: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      branch: f.rev('branch, pattern or @default; none: list').optional(),
      approvals: f.count('of people, that a proposal needs', 1000).optional(),
      checks: f.texts('that must pass').optional(),
      remove: f.flag('take its rule away').optional(),
      dryRun: f.flag('no change').optional(),
    });
  },
  'review approve': verdict,
  'review checks': (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      proposal: proposal(z),
      run: f.flag('also run it, before and after').optional(),
      on: f.runner('runner, default embedded').optional(),
      input: f.path('folder of pictures').optional(),
      money: z.number().min(0).describe('limit for hosted nodes').optional(),
      costPerRun: z.number().min(0).describe('of a hosted run').optional(),
      dryRun: f.flag('no change').optional(),
    });
  },
  'review comment': (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      proposal: proposal(z),
      text: f.prose('comment'),
      file: f.path('workflow it is about').optional(),
      address: f.text('<node> or <node>.<input> of it').optional(),
      reply: f.text('comment it answers', 80).optional(),
      dryRun: f.flag('no change').optional(),
    });
  },
  'review list': (z: Zod) => z.strictObject({ all: fieldsOf(z).flag('also those that are over').optional() }),
  'review merge': (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      proposal: proposal(z),
      expected: f.rev('head it must have').optional(),
      message: f.prose('commit message').optional(),
      reason: f.prose('why; kept in the message').optional(),
      favor: z.enum(['ours', 'theirs']).describe('side that wins a conflict').optional(),
      dryRun: f.flag('no change').optional(),
    });
  },
  'review reject': verdict,
  'review request-changes': verdict,
  'review show': (z: Zod) => z.strictObject({ proposal: proposal(z) }),
};
