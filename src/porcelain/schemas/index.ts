import type { z } from 'zod';
import type { VerbName } from '../index.ts';
import { ACCESS } from './access.ts';
import { CHANGING } from './changing.ts';
import type { Zod } from './fields.ts';
import { HISTORY } from './history.ts';
import { JUDGING } from './judging.ts';

/** The schema of a verb's input. */
export type InputSchema = z.ZodObject;

/**
 * What each verb takes, for the doors that cannot know it by types. A test holds every schema against the type of the
 * verb's input. Functions of zod: the command line parses by its own declarations and never loads it.
 */
export const SCHEMAS = { ...HISTORY, ...CHANGING, ...JUDGING, ...ACCESS } satisfies Record<
  VerbName,
  (z: Zod) => InputSchema
>;

const made = new Map<VerbName, InputSchema>();

/** The schema of a verb's input; made once. */
export async function inputSchema(name: VerbName): Promise<InputSchema> {
  const known = made.get(name);
  if (known) return known;
  const schema: InputSchema = SCHEMAS[name]((await import('zod')).z);
  made.set(name, schema);
  return schema;
}
