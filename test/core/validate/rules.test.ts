import { basename } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { DIAGNOSTICS, type Diagnostic, type DiagnosticCode } from '../../../src/core/validate/diagnostic.ts';
import { RULES } from '../../../src/core/validate/rules/index.ts';
import { validateDocument } from '../../../src/core/validate/validate-document.ts';
import { filesUnder } from '../../architecture/sources.ts';
import { DANGLING_PAGE, DEFINITION, EXAMPLES, FILES, graph, node, REROUTES, TWO_INSTANCES } from './examples.ts';

function found(json: Parameters<typeof validateDocument>[0]): Diagnostic[] {
  return validateDocument(json, 'x.json', defaultCatalog(), { files: FILES }).diagnostics;
}

const CODES = Object.keys(DIAGNOSTICS) as DiagnosticCode[];

describe('every finding', () => {
  test.each(CODES)('%s has a document that has it and one that does not', (code) => {
    const { bad, good, at, severity } = EXAMPLES[code];
    const [first, ...others] = found(bad).filter((one) => one.code === code);
    expect(first).toMatchObject({ code, severity: severity ?? first?.severity, ...at });
    expect(others).toEqual([]);
    expect(found(good).filter((one) => one.code === code)).toEqual([]);
  });

  test.each(CODES)('the good document of %s has no error at all', (code) => {
    expect(found(EXAMPLES[code].good).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('each file of rules is listed under its name, and each code is that of a rule', () => {
    const files = filesUnder('src/core/validate/rules', '.ts').map((file) => basename(file, '.ts'));
    const own = files.filter((file) => file !== 'index' && file !== 'rule');
    expect(RULES.map(({ name }) => name).sort()).toEqual(own.sort());
    expect([...new Set(RULES.flatMap(({ codes }) => codes))].sort()).toEqual([...CODES].sort());
  });
});

describe('[VS-1] all at once', () => {
  it('errors come first, then by place', () => {
    const bad = graph({
      '2': node('ImageBlur', { image: ['1', 7], blur_radius: 0, sigma: 'x', foo: 1 }),
      '10': node('ImageInvert', { image: ['1', 0] }),
    });
    expect(found(bad).map(({ severity, node: at, input }) => `${severity} ${at} ${input}`)).toEqual([
      'error 2 blur_radius',
      'error 2 image',
      'error 2 sigma',
      'warning 2 foo',
      'warning 10 undefined',
    ]);
  });

  it('a definition with two instances gives one finding, in its own words', () => {
    const all = found(TWO_INSTANCES).filter(({ code }) => code === 'CLASS_UNKNOWN');
    expect(all).toMatchObject([{ scope: DEFINITION, node: '11', class_type: 'ImageInvrt' }]);
  });

  it('changes nothing of what it is given', () => {
    const text = JSON.stringify(EXAMPLES.VALUE_CAST.bad);
    found(EXAMPLES.VALUE_CAST.bad);
    expect(JSON.stringify(EXAMPLES.VALUE_CAST.bad)).toBe(text);
  });
});

describe('[VS-12] links of a file', () => {
  it('a link from a node that is not there is one finding, not also a missing input', () => {
    expect(found(DANGLING_PAGE).map(({ code }) => code)).toEqual(['LINK_DANGLING', 'NODE_UNUSED']);
  });

  it('reroutes in a ring wait for each other', () => {
    expect(found(REROUTES.ring).map(({ code }) => code)).toContain('CYCLE');
    expect(found(REROUTES.row).filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});
