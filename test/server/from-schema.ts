import fc from 'fast-check';

/** As much of JSON Schema as the served document uses. */
export interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
}

/** Words that mean something in a small repository, and those that people attack with. */
const WORDS = [
  'HEAD',
  'HEAD~1',
  'main',
  'ok.json',
  'sub/b.json',
  'sub',
  'HEAD:ok.json',
  'a..b',
  '..',
  '../x',
  '.git/config',
  '',
  '-x',
  '@{1}',
  'x.lock',
  '3.steps',
  'KSampler.seed',
  '3',
  'set',
  'connect',
  'remove',
  'person',
  'agent/x',
  '__proto__',
  'constructor',
  'sharpness',
  '21',
  'null',
  '{"a":1}',
  'sha256:0123',
  '\u202e\u0000\n',
  '\ud800',
  '🦊',
  'a'.repeat(5000),
  '(a+)+$',
  '%2e%2e%2f',
  '0.33.0',
  'refs/heads/main',
  '0'.repeat(40),
  '0'.repeat(400),
  'ab/'.repeat(1360),
];

/** What may stand where anything may. */
const anything = fc.oneof(fc.constantFrom(...WORDS), fc.jsonValue({ maxDepth: 2 }), fc.integer(), fc.constant(null));

/** Values for a schema: mostly such as fit it, now and then with a field of another kind, one too many, or none at all. */
export function inputOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  const fitting = fittingOf(schema);
  const spoiled = fc
    .tuple(fitting, fc.constantFrom(...Object.keys(schema.properties ?? {}), 'nope', '__proto__'), anything)
    .map(([value, name, other]) => {
      const entries = Object.entries(value as object).filter(([key]) => key !== name);
      return Object.fromEntries([...entries, [name, other]]);
    });
  return fc.oneof(
    { weight: 6, arbitrary: fitting },
    { weight: 3, arbitrary: spoiled },
    { weight: 1, arbitrary: anything },
  );
}

function fittingOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(fittingOf));
  switch (schema.type) {
    case 'object': {
      const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => [name, fittingOf(field)] as const);
      return fc.record(Object.fromEntries(fields), { requiredKeys: [...(schema.required ?? [])] });
    }
    case 'array':
      return fc.array(fittingOf(schema.items ?? {}), { maxLength: 3 });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'integer':
      return fc.oneof(
        fc.integer({ min: schema.minimum ?? -1000, max: Math.min(schema.maximum ?? 1000, 1000) }),
        fc.constant(schema.maximum ?? 1),
      );
    case 'number':
      return fc.double({ min: schema.minimum ?? -1e3, max: schema.maximum ?? 1e3, noNaN: true });
    case 'string':
      return fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...WORDS) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
      );
    default:
      return anything;
  }
}
