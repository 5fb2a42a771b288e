import type { z as Z } from 'zod';

/** The builder of schemas: given, never imported, so that no command loads it. */
export type Zod = typeof Z;

const MAX_PATH = 4096;
const MAX_WORDS = 65_536;
const MAX_LIST = 10_000;

/** The fields that inputs are made of, each with the words that tell what it is. */
export function fieldsOf(z: Zod) {
  const text = (description: string, max = 1024) => z.string().max(max).describe(description);
  const plain = (description: string, format: string) => z.string().min(1).max(MAX_PATH).meta({ description, format });
  return {
    /** A text of one line. */
    text,
    /** A text of any length that a person reads. */
    prose: (description: string) => text(description, MAX_WORDS),
    texts: (description: string) => z.array(z.string().max(MAX_PATH)).max(MAX_LIST).describe(description),
    /** A revision in git's words. */
    rev: (description: string) => text(description, MAX_PATH),
    /** A file of the working tree. Doors check it by this format (`confined.ts`). */
    path: (description: string) => plain(description, 'path'),
    paths: (description: string) =>
      z
        .array(z.string().min(1).max(MAX_PATH).meta({ format: 'path' }))
        .max(MAX_LIST)
        .describe(description),
    /** A name alone: which hosts are spoken to is said by `.cwfrc`, and never by a caller. */
    runner: (description: string) =>
      z
        .string()
        .regex(/^[\w.-]{1,64}$/, 'the name of a runner of .cwfrc, or embedded')
        .describe(description),
    flag: (description: string) => z.boolean().describe(description),
    count: (description: string, max = 1_000_000) => z.int().min(0).max(max).describe(description),
    share: (description: string) => z.number().min(0).max(1).describe(description),
  };
}

/** What every verb that commits takes. */
export function commitFields(z: Zod) {
  const f = fieldsOf(z);
  return {
    message: f.prose('commit message').optional(),
    reason: f.prose('why; kept in the message').optional(),
    allowSecrets: f.flag('also what looks like keys').optional(),
    dryRun: f.flag('no change').optional(),
  };
}

/** What every verb takes whose change can land on a proposal. */
export function landingFields(z: Zod) {
  const f = fieldsOf(z);
  return {
    propose: f.flag('onto a new proposal, not the branch').optional(),
    proposal: f.text('onto this proposal', 80).optional(),
  };
}

/** Whether a value is JSON as cwf reads it: the reader of bodies made it, so only its own kinds come here. */
export function isJson(value: unknown): boolean {
  return value === null || ['string', 'number', 'bigint', 'boolean', 'object'].includes(typeof value);
}
