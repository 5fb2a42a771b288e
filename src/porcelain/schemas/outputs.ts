import type { z } from 'zod';
import type { VerbName } from '../index.ts';
import type { Zod } from './fields.ts';

const oid = (z: Zod) => z.string().regex(/^[0-9a-f]{40}$/);
const maybe = <T extends z.ZodType>(field: T) => field.optional();

const edited = (z: Zod) =>
  z.looseObject({
    oid: maybe(oid(z)),
    branch: maybe(z.string()),
    subject: z.string(),
    file: z.looseObject({}),
    edits: z.array(z.looseObject({})),
    brought: z.array(z.looseObject({})),
  });

const operation = (z: Zod) =>
  z.looseObject({
    id: z.string(),
    command: z.string(),
    actor: z.string(),
    time: z.number(),
    refs: z.array(z.looseObject({ ref: z.string(), old: z.string().nullable(), new: z.string().nullable() })),
  });

/** What the main verbs answer, as far as callers may rely on it; every other verb answers a JSON object. */
const OUTPUTS: Partial<Record<VerbName, (z: Zod) => z.ZodType>> = {
  branch: (z) =>
    z.looseObject({
      branches: z.array(z.looseObject({ name: z.string(), oid: oid(z), current: z.boolean(), subject: z.string() })),
    }),
  connect: edited,
  diff: (z) =>
    z.looseObject({
      from: maybe(oid(z)),
      to: maybe(oid(z)),
      files: z.array(z.looseObject({})),
      graphChanged: z.boolean(),
    }),
  edit: edited,
  log: (z) =>
    z.looseObject({
      commits: z.array(
        z.looseObject({
          oid: oid(z),
          parents: z.array(oid(z)),
          subject: z.string(),
          author: z.looseObject({
            name: z.string(),
            email: z.string(),
            timestamp: z.number(),
            offset: z.number(),
          }),
          actor: maybe(z.string()),
          refs: z.array(z.string()),
        }),
      ),
    }),
  'op log': (z) => z.looseObject({ operations: z.array(operation(z).extend({ undone: z.boolean() })) }),
  'op show': (z) => operation(z),
  redo: (z) => z.looseObject({ operation: operation(z) }),
  set: edited,
  undo: (z) => z.looseObject({ operation: operation(z) }),
  validate: (z) =>
    z.looseObject({
      engine: z.string(),
      files: z.array(z.looseObject({ file: z.string(), diagnostics: z.array(z.looseObject({})) })),
      errors: z.int(),
      warnings: z.int(),
      infos: z.int(),
    }),
};

/** The schema of a verb's output. */
export async function outputSchema(name: VerbName): Promise<z.ZodType> {
  const { z } = await import('zod');
  return OUTPUTS[name]?.(z) ?? z.looseObject({});
}
