import type { z } from 'zod';
import { CwfError } from '../base/errors.ts';
import { joinPointer } from '../base/json-text.ts';
import type { Oid } from '../io/repo/types.ts';
import { confinePaths } from './confined.ts';
import type { Context } from './context.ts';
import { dryRun } from './dry-run.ts';
import { expectHead } from './expected-head.ts';
import { type AnyVerb, isVerbName, VERBS } from './index.ts';
import { proposeOnly } from './propose-only.ts';
import { EMBEDDED } from './runners.ts';
import { type InputSchema, inputSchema } from './schemas/index.ts';
import { covers, type TokenScope } from './token-scope.ts';
import { scopeOf } from './verb.ts';

/** How to call a verb. */
export interface CallOptions {
  /** The commit that HEAD must be on, null for one without commits: else nothing is done. */
  readonly expectedHead?: Oid | null;
  /** Called with each step of a verb that reports its steps. */
  readonly report?: (step: unknown) => void;
}

/**
 * Calls a verb for somebody who came through a door: what every door must hold to is done here. The input is checked
 * by its schema, its paths stay in the working tree, the caller is allowed to do it, HEAD is where the caller believes.
 * Throws VERB_UNKNOWN, INPUT_INVALID, SCOPE_TOO_SMALL, PATH_OUTSIDE, HEAD_MOVED, and what the verb throws.
 */
export async function callVerb(ctx: Context, name: string, input: unknown, options: CallOptions = {}): Promise<object> {
  if (!isVerbName(name)) throw new CwfError('VERB_UNKNOWN', { verb: name.slice(0, 80) });
  const verb: AnyVerb = await VERBS[name]();
  if (verb.local)
    throw new CwfError('VERB_UNKNOWN', { verb: name }, { hint: `Only the command line has \`cwf ${name}\`.` });
  const schema = await callSchema(verb, await inputSchema(name));
  const parsed = parseInput(name, schema, input);
  const isDry = parsed['dryRun'] === true;
  checkScope(ctx, verb, parsed);
  keepToEmbedded(ctx, schema, parsed);
  confinePaths(ctx, schema, parsed);
  const { expectedHead, report } = options;
  let world = isDry && verb.drops ? dryRun(ctx) : ctx;
  if (ctx.scope === 'propose') world = proposeOnly(world);
  if (expectedHead !== undefined) world = await expectHead(world, expectedHead);
  await world.loadCatalog();
  if (verb.drops) delete parsed['dryRun'];
  return verb.run(world, verb.reports && report ? { ...parsed, report } : parsed);
}

/** The schema that callers see: that of the input, and `dryRun` wherever a verb can have one. */
export async function callSchema(verb: AnyVerb, schema: InputSchema): Promise<InputSchema> {
  if (!verb.drops) return schema;
  const { z } = await import('zod');
  return schema.extend({ dryRun: z.boolean().describe('no change').optional() });
}

/** What a call asks for. A dry run shows what would be done, which whoever may propose may see. */
export function neededScope(verb: AnyVerb, input: Readonly<Record<string, unknown>>): TokenScope {
  if (verb.lists && Object.keys(input).length === 0) return 'read';
  const scope = scopeOf(verb);
  return input['dryRun'] === true && scope === 'write' ? 'propose' : scope;
}

function checkScope(ctx: Context, verb: AnyVerb, input: Readonly<Record<string, unknown>>): void {
  const { actor, scope = 'admin' } = ctx;
  const needed = neededScope(verb, input);
  if (!covers(scope, needed)) throw new CwfError('SCOPE_TOO_SMALL', { actor, scope, verb: verb.name, needed });
  // Whoever can only propose cannot say that a key may go into the history.
  if (input['allowSecrets'] === true && !covers(scope, 'write'))
    throw new CwfError('SCOPE_TOO_SMALL', { actor, scope, verb: `${verb.name} with allowSecrets`, needed: 'write' });
}

/**
 * Who may only propose runs on the embedded engine alone: what nodes do on a server, in programs and in money, a person
 * looks at first. Throws SCOPE_TOO_SMALL.
 */
function keepToEmbedded({ actor, scope }: Context, { shape }: InputSchema, input: Record<string, unknown>): void {
  if (scope !== 'propose' || !('on' in shape)) return;
  const { on = EMBEDDED } = input;
  if (on !== EMBEDDED) throw new CwfError('SCOPE_TOO_SMALL', { actor, scope, verb: `a run on ${on}`, needed: 'write' });
  input['on'] = EMBEDDED;
}

function parseInput(verb: string, schema: InputSchema, input: unknown): Record<string, unknown> {
  const read = schema.safeParse(input);
  if (read.success) return read.data;
  const issue = read.error.issues[0]!;
  throw new CwfError('INPUT_INVALID', { verb, place: placeOf(issue), reason: issue.message.slice(0, 500) });
}

function placeOf({ path }: z.core.$ZodIssue): string {
  return joinPointer(path.map((part) => (typeof part === 'number' ? part : String(part)))).slice(0, 200);
}
