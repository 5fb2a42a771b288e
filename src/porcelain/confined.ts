import { lstatSync } from 'node:fs';
import type { z } from 'zod';
import { CwfError } from '../base/errors.ts';
import type { Context } from './context.ts';
import { diskPath, repoPath } from './paths.ts';
import type { InputSchema } from './schemas/index.ts';

/** How often a name may be percent-encoded over and over before nobody means it honestly. */
const MAX_DECODINGS = 3;

/**
 * Checks every path of an input that came through a door: it lies in the working tree, whatever links lead there, and
 * not in `.git`; the command line may name any file, others may not. Throws PATH_OUTSIDE, PATH_INVALID.
 */
export function confinePaths(ctx: Context, schema: InputSchema, input: Readonly<Record<string, unknown>>): void {
  for (const [name, field] of Object.entries(schema.shape)) {
    const value = input[name];
    if (value === undefined) continue;
    for (const path of Array.isArray(value) ? value : [value])
      if (typeof path === 'string' && isPath(field as z.ZodType)) confinePath(ctx, path);
  }
}

function confinePath(ctx: Context, path: string): void {
  for (const form of decodings(path)) {
    const file = repoPath(ctx, form);
    // A link that leads nowhere yet would be followed when the file is written.
    if (lstatSync(diskPath(ctx, file), { throwIfNoEntry: false })?.isSymbolicLink())
      throw new CwfError('PATH_OUTSIDE', { file: path.slice(0, 200) });
  }
}

/** A path and what it would be for somebody who decodes it. */
function decodings(path: string): readonly string[] {
  const forms = [path, path.replaceAll('\\', '/')];
  let current = path;
  for (let round = 0; round < MAX_DECODINGS; round++) {
    const next = decoded(current);
    if (next === current || next === '') break;
    forms.push(next);
    current = next;
  }
  return forms;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether a field holds paths: a text of the format `path`, a list of such, either of them optional. */
function isPath(field: z.ZodType): boolean {
  const { def } = field as z.ZodType & { def: { innerType?: z.ZodType; element?: z.ZodType } };
  const inner = def.innerType ?? def.element;
  return inner === undefined ? field.meta()?.['format'] === 'path' : isPath(inner);
}
