import { z } from 'zod';
import type { Json } from '../../src/base/json.ts';
import { callSchema, neededScope } from '../../src/porcelain/call.ts';
import { type AnyVerb, VERBS, type VerbName } from '../../src/porcelain/index.ts';
import { inputSchema } from '../../src/porcelain/schemas/index.ts';
import { covers, type TokenScope } from '../../src/porcelain/token-scope.ts';
import { changes } from '../../src/porcelain/verb.ts';

/** A tool as it is listed. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: { readonly type: 'object'; readonly [key: string]: unknown };
  readonly annotations?: { readonly readOnlyHint: true };
}

/** A tool, and the verb behind it. */
export interface VerbTool {
  readonly tool: Tool;
  readonly name: VerbName;
  readonly verb: AnyVerb;
  /** Whether its change can land on a proposal, by each of these fields. */
  readonly landing: readonly ('propose' | 'proposal')[];
}

/**
 * The verbs that agents have a use for. All others are left to people, and to programs over HTTP: so is whatever can stop at
 * a conflict, which somebody has to decide.
 */
const CHOSEN: readonly VerbName[] = [
  'status',
  'log',
  'show',
  'diff',
  'blame',
  'validate',
  'space',
  'set',
  'edit',
  'connect',
  'repair',
  'commit',
  'import',
  'propose',
  'review list',
  'review show',
  'review comment',
  'review checks',
  'review request-changes',
  'review reject',
  'review approve',
  'review merge',
  'run',
  'run all',
  'reproduce',
  'note show',
  'note add',
  'output ls',
  'optimize',
  'exp ls',
  'exp show',
  'exp compare',
  'exp confirm',
  'exp explain',
  'rank',
  'rank next',
  'rank show',
  'branch',
  'switch',
  'undo',
];

/** What needs saying beside the summary of a verb. */
const MORE_WORDS: Partial<Record<VerbName, string>> = {
  show: '; also <rev>:<file>, which is the workflow',
  log: ', newest first',
  propose: ', or the commit of a trial',
};

/** Fields that are no matter of agents. */
const HIDDEN = ['allowSecrets', 'isTyped', 'snapshots', 'lists', 'objectInfo', 'record', 'seeds'];
/** Fields of single verbs that are left to people and pages: pictures, what costs money, how a search goes about it. */
const HIDDEN_OF: Partial<Record<VerbName, readonly string[]>> = {
  diff: ['view'],
  log: ['from'],
  show: ['view'],
  optimize: [
    'goals',
    'space',
    'also',
    'fix',
    'vram',
    'repeats',
    'goals',
    'hosts',
    'pruner',
    'fidelity',
    'sampler',
    'seed',
    'cold',
    'input',
    'money',
    'costPerRun',
  ],
  'exp confirm': ['hosts', 'input', 'money', 'costPerRun'],
  'review checks': ['money', 'costPerRun'],
};
/** Words of a schema that bound values: a call is told what it broke, and lists stay short. */
const BOUNDS = new Set([
  '$schema',
  'additionalProperties',
  'exclusiveMinimum',
  'format',
  'maxItems',
  'maxLength',
  'maximum',
  'minItems',
  'minLength',
  'minimum',
  'pattern',
  'propertyNames',
]);

/** The tool that gives the rest of what an answer left out. */
export const MORE: Tool = {
  name: 'more',
  description: 'What an answer left out (`cut`)',
  inputSchema: {
    type: 'object',
    properties: {
      answer: { type: 'string', description: '`answer` of that answer' },
      at: { type: 'string', description: '`at` of its cut' },
      skip: { type: 'integer', description: '`shown` of its cut' },
    },
    required: ['answer'],
  },
  annotations: { readOnlyHint: true },
};

/** The tools of whoever is allowed to `scope`, by name. [MC-3] */
export async function toolsFor(scope: TokenScope): Promise<ReadonlyMap<string, VerbTool>> {
  const tools = new Map<string, VerbTool>();
  for (const name of CHOSEN) {
    const verb: AnyVerb = await VERBS[name]();
    const { shape } = await callSchema(verb, await inputSchema(name));
    const landing = (['propose', 'proposal'] as const).filter((field) => field in shape);
    // `{ any }`: what it needs when it is more than a list.
    if (!covers(scope, neededScope(verb, verb.lists ? {} : { any: true }))) continue;
    const tool = await toolOf(name, verb);
    tools.set(tool.name, { tool, name, verb, landing });
  }
  return tools;
}

async function toolOf(name: VerbName, verb: AnyVerb): Promise<Tool> {
  const schema = z.toJSONSchema(await callSchema(verb, await inputSchema(name)), {
    io: 'input',
    unrepresentable: 'any',
  });
  const { properties, required } = plain(schema as Json) as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  const hidden = [...HIDDEN, ...(HIDDEN_OF[name] ?? [])];
  const shown = Object.entries(properties ?? {}).filter(([field]) => !hidden.includes(field));
  return {
    name: name.replaceAll(' ', '_'),
    description: `${verb.summary}${MORE_WORDS[name] ?? ''}`,
    inputSchema: {
      type: 'object',
      properties: Object.fromEntries(shown),
      ...(required?.length ? { required } : {}),
    },
    ...(changes(verb) ? {} : { annotations: { readOnlyHint: true } }),
  };
}

/** A schema without its bounds; names of fields are no words of a schema. */
function plain(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(plain);
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(schema as Readonly<Record<string, Json>>).filter(([word]) => !BOUNDS.has(word));
  return Object.fromEntries(kept.map(([word, value]) => [word, word === 'properties' ? fields(value) : plain(value)]));
}

function fields(properties: Json): Json {
  return Object.fromEntries(
    Object.entries(properties as Readonly<Record<string, Json>>).map(([name, schema]) => [name, plain(schema)]),
  );
}
