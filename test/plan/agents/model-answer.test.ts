import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ANSWER_SCHEMA, REFUSALS, readAnswer } from '../../../src/plan/agents/model-answer.ts';
import { read } from '../../architecture/sources.ts';

const GOOD = '{"repairs":[{"cures":["f1"],"edits":[{"op":"set","node":"n1","input":"steps","value":20}]}]}';

function codes(text: string): string[] {
  const { repairs, refused } = readAnswer(text);
  expect(repairs.size).toBe(0);
  return refused.map(({ code }) => code);
}

test('docs/language-model.md tells every reason for a refusal', () => {
  const [, table = ''] = read('docs/language-model.md').split('| refused as | because |');
  const rows = [...table.matchAll(/^\| `([A-Z_]+)` \| (.*) \|$/gm)];
  expect(Object.fromEntries(rows.map(([, code, why]) => [code, why]))).toEqual(REFUSALS);
});

describe('an answer [LM-11]', () => {
  test('is JSON, or one block of it and nothing around', () => {
    for (const text of [GOOD, `\n ${GOOD}\n`, `\`\`\`json\n${GOOD}\n\`\`\``, `\`\`\`\n${GOOD}\n\`\`\`\n`]) {
      const { repairs, refused } = readAnswer(text);
      expect(refused).toEqual([]);
      expect([...repairs.keys()]).toEqual([1]);
      expect(repairs.get(1)!.edits).toEqual([{ op: 'set', node: 'n1', input: 'steps', value: 20 }]);
    }
  });

  test.each([
    ['', 'NOT_JSON'],
    ['I cannot help with that.', 'NOT_JSON'],
    [`Here you are: ${GOOD}`, 'NOT_JSON'],
    [`${GOOD}\nI hope this helps!`, 'NOT_JSON'],
    [`Sure!\n\`\`\`json\n${GOOD}\n\`\`\``, 'NOT_JSON'],
    [`\`\`\`json\n${GOOD}\n\`\`\`\n\`\`\`json\n${GOOD}\n\`\`\``, 'NOT_JSON'],
    [`${GOOD}${GOOD}`, 'NOT_JSON'],
    [GOOD.slice(0, -3), 'NOT_JSON'],
    ['{"repairs":[],"repairs":[]}', 'NOT_JSON'],
    ['{"repairs":[],"__proto__":{}}', 'NOT_JSON'],
    ['{"repairs":NaN}', 'NOT_JSON'],
    [`{"repairs":${'['.repeat(60)}${']'.repeat(60)}}`, 'NOT_JSON'],
    ['['.repeat(60_000), 'NOT_JSON'],
    [`{"repairs":[]${' '.repeat(70_000)}}`, 'TOO_LONG'],
    ['x'.repeat(10_000_000), 'TOO_LONG'],
    ['[]', 'WRONG_SHAPE'],
    ['null', 'WRONG_SHAPE'],
    ['"repairs"', 'WRONG_SHAPE'],
    ['{}', 'WRONG_SHAPE'],
    ['{"repairs":{}}', 'WRONG_SHAPE'],
    ['{"repairs":[],"tool_calls":[{"name":"shell"}]}', 'WRONG_SHAPE'],
    [`{"repairs":[${Array(13).fill('{"cures":["f1"],"edits":[]}').join()}]}`, 'TOO_MANY'],
    ['{"repairs":[7]}', 'WRONG_SHAPE'],
    ['{"repairs":[{"cures":["f1"]}]}', 'WRONG_SHAPE'],
    ['{"repairs":[{"cures":[],"edits":[]}]}', 'WRONG_SHAPE'],
    ['{"repairs":[{"cures":[1],"edits":[]}]}', 'WRONG_SHAPE'],
    ['{"repairs":[{"cures":["f1"],"edits":[],"command":"rm -rf /"}]}', 'WRONG_SHAPE'],
    [
      `{"repairs":[{"cures":["f1"],"edits":[${Array(13).fill('{"op":"remove-node","node":"n1"}').join()}]}]}`,
      'TOO_MANY',
    ],
  ])('%.60s is refused: %s', (text, code) => {
    expect(codes(text)).toEqual([code]);
  });

  test.each([
    '{"op":"run","node":"n1"}',
    '{"op":"toString","node":"n1"}',
    '{"op":"set","node":"n1","input":"steps"}',
    '{"op":"set","node":"n1","input":"steps","value":null}',
    '{"op":"set","node":"n1","input":"steps","value":[1]}',
    '{"op":"set","node":"n1","input":"steps","value":{"a":1}}',
    '{"op":"set","node":1,"input":"steps","value":1}',
    '{"op":"set","node":"n1","input":"steps","value":1,"title":"x"}',
    `{"op":"set","node":"n1","input":"text","value":"${'x'.repeat(2001)}"}`,
    '{"op":"connect","node":"n1","input":"model","from":"n2","output":"0"}',
    '{"op":"connect","node":"n1","input":"model","from":"n2","output":-1}',
    '{"op":"connect","node":"n1","input":"model","from":"n2","output":0.5}',
    '{"op":"add-node","class":"VAEDecode"}',
    '{"op":"add-node","as":"","class":"VAEDecode"}',
    `{"op":"add-node","as":"${'x'.repeat(201)}","class":"VAEDecode"}`,
    '["set","n1","steps",1]',
    'null',
  ])('a repair with the edit %.70s is refused as a whole', (edit) => {
    const good = '{"op":"disconnect","node":"n1","input":"mask"}';
    const text = `{"repairs":[{"cures":["f1"],"edits":[${good},${edit}]},{"cures":["f2"],"edits":[${good}]}]}`;
    const { repairs, refused } = readAnswer(text);
    expect([...repairs.keys()]).toEqual([2]);
    expect(refused).toEqual([{ code: 'WRONG_SHAPE', repair: 1, edit: 2 }]);
  });

  test('that is any text or any JSON never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({ unit: 'binary' }),
          fc.json(),
          fc.json().map((x) => `{"repairs":[${x}]}`),
        ),
        (text) => {
          const { repairs, refused } = readAnswer(text);
          expect(repairs.size === 0 || refused.length >= 0).toBe(true);
        },
      ),
    );
  });

  test('has a schema in which every member is required and no other is allowed', () => {
    const objects: Record<string, unknown>[] = [];
    JSON.stringify(ANSWER_SCHEMA, (_key, value) => {
      if (value?.type === 'object') objects.push(value);
      return value;
    });
    expect(objects).toHaveLength(8);
    for (const { properties, required, additionalProperties } of objects) {
      expect(required).toEqual(Object.keys(properties as object));
      expect(additionalProperties).toBe(false);
    }
  });
});
