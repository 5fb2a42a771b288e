import type { z } from 'zod';
import { CwfError } from '../src/base/errors.ts';
import { isObject, type Json } from '../src/base/json.ts';
import { inputSchema } from '../src/porcelain/schemas/index.ts';

/**
 * The body of `POST /api/workflows/transform`, as the input of the verb `edit`: `operations` are its calls, and nothing
 * is changed unless `mode` is `commit`. [SV-3]
 */
export function editInput(body: Json): Json {
  if (!isObject(body)) return body;
  const { operations, mode = 'preview', ...rest } = body;
  if (mode !== 'preview' && mode !== 'commit')
    throw new CwfError('INPUT_INVALID', { verb: 'transform', place: '/mode', reason: 'it is preview or commit' });
  for (const name of ['calls', 'dryRun', 'isTyped'])
    if (name in rest)
      throw new CwfError('INPUT_INVALID', { verb: 'transform', place: `/${name}`, reason: 'it has no such field' });
  return { ...rest, ...(operations === undefined ? {} : { calls: operations }), dryRun: mode === 'preview' };
}

/** The schema of that body. */
export async function transformSchema(): Promise<z.ZodObject> {
  const { z } = await import('zod');
  const edit = await inputSchema('edit');
  const { calls } = edit.shape as { calls: z.ZodType };
  return edit.omit({ calls: true, dryRun: true, isTyped: true }).extend({
    operations: calls,
    mode: z.enum(['preview', 'commit']).describe('preview changes nothing; the default').optional(),
  });
}
