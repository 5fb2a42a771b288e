import type { z } from 'zod';
import type { InputSchema } from '../src/porcelain/schemas/index.ts';

/** The def of a schema as far as a query needs it. */
interface Def {
  readonly type: string;
  readonly innerType?: z.ZodType;
}

/**
 * The input that a query stands for: a list is a name that comes more than once, a flag is `true` or `false`, a number
 * its digits. What does not fit stays a text, which the schema then refuses by its name.
 */
export function queryInput(query: URLSearchParams, schema: InputSchema): Record<string, unknown> {
  const input: Record<string, unknown> = Object.create(null);
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name);
    const field = Object.hasOwn(schema.shape, name) ? (schema.shape[name] as z.ZodType) : undefined;
    const kind = field === undefined ? 'string' : kindOf(field);
    // A text that comes twice is not one of the two.
    input[name] = kind === 'array' || values.length > 1 ? values : readText(kind, values[0]!);
  }
  return { ...input };
}

function readText(kind: string, text: string): unknown {
  if (kind === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if (kind === 'number' && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return text;
}

function kindOf(field: z.ZodType): string {
  const { type, innerType } = field.def as Def;
  return innerType === undefined ? type : kindOf(innerType);
}
