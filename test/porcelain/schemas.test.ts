import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { callSchema, neededScope } from '../../src/porcelain/call.ts';
import { type AnyVerb, VERBS } from '../../src/porcelain/index.ts';
import { type DoorVerb, inputSchema, SCHEMAS } from '../../src/porcelain/schemas/index.ts';

/** The type of what a verb takes, and of what its schema lets through; reports and signals are no input of a door. */
type InputOf<K extends DoorVerb> = Parameters<Awaited<ReturnType<(typeof VERBS)[K]>>['run']>[1];
type Taken<K extends DoorVerb> = Fixed<Omit<InputOf<K>, 'report' | 'signal'>>;
type Parsed<K extends DoorVerb> = Fixed<z.infer<ReturnType<(typeof SCHEMAS)[K]>>>;
/** Without the difference between lists that may be changed and those that may not. */
type Fixed<T> = T extends readonly (infer E)[]
  ? readonly Fixed<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Fixed<T[K]> }
    : T;
type Same<A, B> = [A] extends [B]
  ? [B] extends [A]
    ? [keyof A] extends [keyof B]
      ? [keyof B] extends [keyof A]
        ? true
        : false
      : false
    : false
  : false;
type Different = { [K in DoorVerb]: Same<Taken<K>, Parsed<K>> extends true ? never : K }[DoorVerb];

/** Does not compile where a schema is not the type of its verb's input: the error names the verbs. */
const different: Different[] = [] satisfies never[];
const isNone: [Different] extends [never] ? true : Different = true;

const names = Object.keys(VERBS).filter((name) => name !== 'bisect run') as DoorVerb[];

describe('schemas of inputs', () => {
  it('have the types of the inputs of the verbs', () => {
    expect(different).toEqual([]);
    expect(isNone).toBe(true);
  });

  it('are there for every verb, and for nothing else [SV-2]', () => {
    expect(Object.keys(SCHEMAS).sort()).toEqual([...names].sort());
  });

  it.each(names)(
    '%s: every field says in a few words what it is, and none is let through that is not there',
    async (name) => {
      const schema = await inputSchema(name);
      for (const [field, value] of Object.entries(schema.shape)) {
        const { description } = z.toJSONSchema(value as z.ZodType, { unrepresentable: 'any' }) as {
          description?: string;
        };
        const isPlain = field === 'values';
        if (!isPlain) expect(description, field).toMatch(/^\S.{0,79}$/);
      }
      const read = schema.safeParse({ noSuchField: 1 });
      expect(JSON.stringify(read.error?.issues)).toContain('noSuchField');
    },
  );

  it('say dryRun wherever a verb that is recorded can have one', async () => {
    const without: string[] = [];
    for (const name of names) {
      const verb: AnyVerb = await VERBS[name]();
      const { shape } = await callSchema(verb, await inputSchema(name));
      if (verb.mutates && !('dryRun' in shape)) without.push(name);
    }
    expect(without).toEqual(['exp promote', 'exp resume', 'exp stop', 'fsck', 'merge abort', 'resolve']);
  });

  it('are short: as tools, with their bounds left out, they take less than 450 characters each in the mean', async () => {
    const bounds = [
      'maxLength',
      'minLength',
      'maxItems',
      'minItems',
      'minimum',
      'maximum',
      'pattern',
      'format',
      'additionalProperties',
      '$schema',
    ];
    const tools = [];
    for (const name of names) {
      const verb: AnyVerb = await VERBS[name]();
      if (verb.scope === 'admin') continue;
      const schema = z.toJSONSchema(await inputSchema(name), { unrepresentable: 'any', io: 'input' });
      tools.push({ name: name.replaceAll(' ', '_'), description: verb.summary, inputSchema: schema });
    }
    const text = JSON.stringify(tools, (key, value) => (bounds.includes(key) ? undefined : value));
    expect(text.length / tools.length).toBeLessThan(450);
  });
});

describe('what a call asks for [SV-17]', () => {
  it.each([
    ['log', {}, 'read'],
    ['commit', {}, 'propose'],
    ['import', {}, 'write'],
    ['import', { dryRun: true }, 'propose'],
    ['protect', {}, 'read'],
    ['protect', { branch: 'main' }, 'write'],
    ['review merge', {}, 'write'],
    ['branch', {}, 'read'],
    ['branch', { name: 'x' }, 'write'],
    ['output gc', {}, 'write'],
    ['output export', { dryRun: true }, 'propose'],
    ['token ls', {}, 'admin'],
    ['token add', { dryRun: true }, 'admin'],
  ] as const)('%s %j: %s', async (name, input, scope) => {
    expect(neededScope(await VERBS[name](), input)).toBe(scope);
  });
});
