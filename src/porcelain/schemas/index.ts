import type { z } from 'zod';
import { CwfError } from '../../base/errors.ts';
import type { VerbName } from '../index.ts';
import { ACCESS } from './access.ts';
import { CHANGING } from './changing.ts';
import type { Zod } from './fields.ts';
import { HISTORY } from './history.ts';
import { JUDGING } from './judging.ts';
import { REVIEWING } from './reviewing.ts';
import { RUNNING } from './running.ts';
import { STUDYING } from './studying.ts';

/** The schema of a verb's input. */
export type InputSchema = z.ZodObject;

/** The verbs that doors have: all but those with the trait `local`. */
export type DoorVerb = Exclude<VerbName, 'bisect run'>;

/**
 * What each verb takes, for the doors that cannot know it by types. A test holds every schema against the type of the
 * verb's input. Functions of zod: the command line parses by its own declarations and never loads it.
 */
export const SCHEMAS = {
  ...HISTORY,
  ...CHANGING,
  ...JUDGING,
  ...REVIEWING,
  ...RUNNING,
  ...STUDYING,
  ...ACCESS,
} satisfies Record<DoorVerb, (z: Zod) => InputSchema>;

const made = new Map<VerbName, InputSchema>();

/** The schema of the input of a verb that doors have; made once. */
export async function inputSchema(name: VerbName): Promise<InputSchema> {
  const known = made.get(name);
  if (known) return known;
  const make: ((z: Zod) => InputSchema) | undefined = (SCHEMAS as Partial<Record<VerbName, (z: Zod) => InputSchema>>)[
    name
  ];
  if (!make) throw new CwfError('VERB_UNKNOWN', { verb: name });
  const schema = make((await import('zod')).z);
  made.set(name, schema);
  return schema;
}
