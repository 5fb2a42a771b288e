import type { Json } from '../../base/json.ts';
import { commitFields, fieldsOf, isJson, landingFields, type Zod } from './fields.ts';

const merging = (z: Zod) => ({
  reason: fieldsOf(z).prose('why; kept in the message').optional(),
  favor: z.enum(['ours', 'theirs']).describe('side that wins a conflict').optional(),
  isStrict: fieldsOf(z).flag('any two changes of one node conflict').optional(),
  dryRun: fieldsOf(z).flag('no change').optional(),
});

const picking = (z: Zod) =>
  z.strictObject({
    revs: fieldsOf(z).texts('commits'),
    mainline: fieldsOf(z).count('of a merge: which parent, from 1', 1000).optional(),
    ...merging(z),
  });

const op = (z: Zod) => z.enum(['merge', 'revert', 'cherry-pick']).describe('what waits for decisions');

/** Inputs of the verbs that change workflows, branches and commits. */
export const CHANGING = {
  branch: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      name: f.rev('branch; none: list').optional(),
      start: f.rev('where it starts, default HEAD').optional(),
      remove: z.enum(['merged', 'force']).describe('delete it').optional(),
      rename: f.rev('new name').optional(),
    });
  },
  'cherry-pick': picking,
  commit: (z: Zod) =>
    z.strictObject({
      files: fieldsOf(z).paths('default all').optional(),
      ...landingFields(z),
      ...commitFields(z),
    }),
  conflicts: (z: Zod) => z.strictObject({}),
  connect: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      file: f.path('workflow'),
      optional: f.flag('also optional inputs').optional(),
      apply: f.share('least confidence of links to make'),
      strict: f.flag('refuse what brings errors').optional(),
      ...landingFields(z),
      ...commitFields(z),
    });
  },
  edit: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      file: f.path('workflow'),
      calls: z
        .array(
          z.strictObject({
            op: f.text('transform, e.g. set, connect, add-node, remove, insert-lora'),
            args: z.record(z.string(), z.custom<Json>(isJson)).describe('arguments by name'),
          }),
        )
        .min(1)
        .max(1000)
        .describe('done in order, all or none'),
      isTyped: f.flag('values are words of a command line').optional(),
      strict: f.flag('refuse what brings errors').optional(),
      ...landingFields(z),
      ...commitFields(z),
    });
  },
  fsck: (z: Zod) => z.strictObject({ repair: fieldsOf(z).flag('mend what can be').optional() }),
  import: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      source: f.path('image, video, sound or JSON'),
      as: f.path('name of the workflow file').optional(),
      ...commitFields(z),
    });
  },
  merge: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      rev: f.rev('branch or revision'),
      message: f.prose('commit message').optional(),
      fastForward: z.enum(['no', 'only']).describe('never, or nothing else').optional(),
      check: f.flag('refuse new errors').optional(),
      ...merging(z),
    });
  },
  'merge abort': (z: Zod) => z.strictObject({ op: op(z) }),
  'merge continue': (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      op: op(z),
      message: f.prose('commit message').optional(),
      check: f.flag('refuse new errors').optional(),
      dryRun: f.flag('no change').optional(),
    });
  },
  repair: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      file: f.path('workflow'),
      agents: z
        .array(z.enum(['link', 'parameter', 'structural', 'model']))
        .max(4)
        .describe('only these')
        .optional(),
      minConfidence: f.share('least confidence, default 0.5').optional(),
      maxRounds: z.int().min(1).max(100).describe('most rounds').optional(),
      lists: f.path('JSON of file names by folder').optional(),
      engine: f.text('version of ComfyUI').optional(),
      objectInfo: f.path("a server's /object_info").optional(),
      branch: f.rev('default repair/<file>').optional(),
      propose: f.flag('onto a proposal instead').optional(),
      isSwitch: f.flag('go to the branch').optional(),
      model: f.flag('ask the language model').optional(),
      allowSecrets: f.flag('also what looks like keys').optional(),
      dryRun: f.flag('no change').optional(),
      run: z
        .strictObject({
          on: f.runner('runner').optional(),
          input: f.path('folder of pictures').optional(),
          most: f.count('runs, default 5', 100).optional(),
          timeout: z.number().min(1).max(86_400).describe('seconds').optional(),
        })
        .describe('run it, and repair from its errors')
        .optional(),
    });
  },
  resolve: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      ids: f.texts('numbers, ids or files of conflicts'),
      all: f.flag('every open one').optional(),
      take: z.enum(['ours', 'theirs', 'base']).describe('side').optional(),
      value: f.prose('JSON instead of a side').optional(),
    });
  },
  restore: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      files: f.paths('files'),
      source: f.rev('default HEAD').optional(),
      inputs: f.texts('only these <node>.<input>').optional(),
      dryRun: f.flag('no change').optional(),
    });
  },
  revert: picking,
  set: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      file: f.path('workflow'),
      values: z
        .array(z.strictObject({ address: f.text('<node>.<input>'), value: f.text('JSON or text', 1_048_576) }))
        .min(1)
        .max(1000),
      ...landingFields(z),
      ...commitFields(z),
    });
  },
  switch: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      target: f.rev('branch or commit'),
      create: f.flag('make the branch').optional(),
      detach: f.flag('on a commit alone').optional(),
      start: f.rev('where a new one starts').optional(),
    });
  },
  tag: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      name: f.rev('tag; none: list').optional(),
      rev: f.rev('default HEAD').optional(),
      message: f.prose('makes an annotated tag').optional(),
      remove: f.flag('delete it').optional(),
    });
  },
};
