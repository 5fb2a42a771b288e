import { fieldsOf, type Zod } from './fields.ts';

/** Inputs of the verbs that look at history, and of those that move about in it. */
export const HISTORY = {
  'bisect log': (z: Zod) => z.strictObject({}),
  'bisect mark': (z: Zod) =>
    z.strictObject({
      mark: z.enum(['bad', 'good', 'skip']).describe('verdict'),
      revs: fieldsOf(z).texts('commits; default the one to test').optional(),
    }),
  'bisect next': (z: Zod) => z.strictObject({}),
  'bisect reset': (z: Zod) => z.strictObject({}),
  'bisect start': (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({ bad: f.rev('a bad commit').optional(), good: f.texts('good commits').optional() });
  },
  blame: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      file: f.path('workflow'),
      rev: f.rev('revision, default HEAD').optional(),
      input: f.text('only <node>.<input>').optional(),
      snapshots: f.flag('compare snapshots, do not trust patches').optional(),
    });
  },
  diff: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      words: f.texts('revisions, then files: nothing, a, a..b, a...b, or a b').optional(),
      files: f.paths('only these files or folders').optional(),
      view: z.enum(['patch', 'edits', 'svg', 'html', 'drawing']).describe('also as').optional(),
    });
  },
  log: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      range: f.rev('revision or a..b, default HEAD').optional(),
      all: f.flag('all branches').optional(),
      from: z
        .array(z.string().regex(/^[0-9a-f]{40}$/))
        .max(10_000)
        .describe('its next')
        .optional(),
      input: f.text('changes of this node or input').optional(),
      files: f.paths('only commits that changed these').optional(),
      limit: f.count('most commits').optional(),
      skip: f.count('leave out so many first').optional(),
      author: f.text('part of name or address').optional(),
      actor: f.text('actor, or agent for all agents').optional(),
      grep: f.text('part of the message').optional(),
      metrics: f.texts('metrics to show').optional(),
      sort: z.enum(['asc', 'desc']).describe('by the first metric').optional(),
      stat: f.flag('count changes by file').optional(),
    });
  },
  'op log': (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      limit: f.count('most operations').optional(),
      from: f.text('next of the list before').optional(),
    });
  },
  'op restore': (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({ operation: f.text('id'), dryRun: f.flag('no change').optional() });
  },
  'op show': (z: Zod) => z.strictObject({ operation: fieldsOf(z).text('id') }),
  redo: (z: Zod) => z.strictObject({ dryRun: fieldsOf(z).flag('no change').optional() }),
  show: (z: Zod) =>
    z.strictObject({
      what: fieldsOf(z).rev('revision or <rev>:<file>, default HEAD').optional(),
      view: z.enum(['drawing']).describe('also as').optional(),
    }),
  status: (z: Zod) => z.strictObject({ files: fieldsOf(z).paths('only these').optional() }),
  undo: (z: Zod) => {
    const f = fieldsOf(z);
    return z.strictObject({
      operation: f.text('id; default the last').optional(),
      dryRun: f.flag('no change').optional(),
    });
  },
};
