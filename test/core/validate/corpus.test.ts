import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { parseJson } from '../../../src/base/json-parse.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import type { Diagnostic } from '../../../src/core/validate/diagnostic.ts';
import { validateDocument } from '../../../src/core/validate/validate-document.ts';
import { detectFormat } from '../../../src/core/workflow/read.ts';
import { corpus, withCorpus } from '../../corpus.ts';

const LIMITS = { maxBytes: 1e9 };

/** Files that the recording server had; it had none in its other two folders. */
function files(): Record<string, string[]> {
  const path = corpus('placeholder_files.json');
  const lists = path === undefined ? {} : JSON.parse(readFileSync(path, 'utf8'));
  return { ...lists, output: [], temp: [] };
}

function errorsOf(json: Json, source: string, fractions: readonly string[] = []): Diagnostic[] {
  const { diagnostics } = validateDocument(json, source, defaultCatalog(), { files: files(), fractions });
  return diagnostics.filter(({ severity }) => severity === 'error');
}

/**
 * What the server accepts and cannot run: the key of a dynamic combo that is none of its options ends in a TypeError,
 * and so does a link into an input that the class does not have.
 */
const ACCEPTED_AND_FAILS = new Set(['OPTION_UNKNOWN', 'LINK_UNDECLARED']);

interface Item {
  readonly clean: boolean;
}

withCorpus('groundtruth.index.json', (path) => {
  const { items } = JSON.parse(readFileSync(path, 'utf8')) as { items: Record<string, Item> };
  const clean = Object.keys(items).filter((name) => items[name]!.clean);

  it.each(['groundtruth', 'templates'])(
    '[VS-16] what the server accepts has no error, but what it cannot run (%s)',
    (folder) => {
      const dir = corpus(folder)!;
      const wrong = clean.flatMap((name) => {
        const json = parseJson(readFileSync(join(dir, `${name}.json`)), { ...LIMITS, source: name }) as JsonObject;
        const found = errorsOf(folder === 'groundtruth' ? json.output! : json, name);
        return found
          .filter(({ code }) => !ACCEPTED_AND_FAILS.has(code))
          .map(({ code, node }) => `${name} ${node} ${code}`);
      });
      expect(wrong).toEqual([]);
      expect(clean.length).toBeGreaterThan(200);
    },
  );
});

withCorpus('templates', (dir) => {
  it('[VS-16] warnings of official workflows are few', () => {
    let files = 0;
    let warned = 0;
    for (const name of readdirSync(dir)) {
      const json = parseJson(readFileSync(join(dir, name)), { ...LIMITS, source: name });
      if (detectFormat(json) !== 'ui') continue;
      files++;
      const { diagnostics } = validateDocument(json, name, defaultCatalog());
      if (diagnostics.some(({ severity }) => severity === 'warning')) warned++;
    }
    expect(warned / files).toBeLessThan(0.2);
  });
});

interface OracleLine {
  readonly name: string;
  readonly mutation: string;
  readonly prompt: Json;
  readonly status: number;
  readonly node_errors?: JsonObject;
  readonly types_stable?: boolean;
  readonly partial_execution_targets?: Json;
}

/** Pointers of `1.0` and the like in the prompt of a recorded line. */
function readLine(text: string): { line: OracleLine; fractions: string[] } {
  const fractions: string[] = [];
  // The server recorded numbers that are no JSON.
  const json = text.replace(/: (-?Infinity|NaN)(?=[,}])/g, ': null');
  const onFraction = (pointer: string): void => {
    if (pointer.startsWith('/prompt/')) fractions.push(pointer.slice('/prompt'.length));
  };
  return { line: parseJson(json, { ...LIMITS, onFraction }) as unknown as OracleLine, fractions };
}

withCorpus('oracle.jsonl.gz', (path) => {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n').map(readLine);
  // Which outputs are asked for is no part of a workflow; some answers depend on the server's hash seed.
  const judged = lines.filter(
    ({ line }) => line.types_stable !== false && line.partial_execution_targets === undefined,
  );
  const verdicts = judged.map(({ line, fractions }) => {
    const isRejected = line.status !== 200 || Object.keys(line.node_errors ?? {}).length > 0;
    let errors: string[];
    try {
      errors = errorsOf(line.prompt, line.name, fractions).map(({ code }) => code);
    } catch {
      errors = ['unreadable'];
    }
    return { ...line, isRejected, errors };
  });

  it('[VS-16] all that the server rejects has an error', () => {
    const missed = verdicts.filter(({ isRejected, errors }) => isRejected && errors.length === 0);
    // One class reads a number as a ratio (`16:9`) by a check of its own, which nothing in its definition tells.
    expect(missed.filter(({ mutation }) => mutation !== 'string_coerce').map(({ name }) => name)).toEqual([]);
    expect(missed.length).toBeLessThanOrEqual(1);
  });

  it('[VS-16] prompts that were left as they are have none', () => {
    const clean = verdicts.filter(({ mutation }) => mutation === 'none');
    expect(clean.filter(({ errors }) => errors.length > 0).map(({ name }) => name)).toEqual([]);
    expect(clean.length).toBeGreaterThan(50);
  });

  it('[VS-16] what the server accepts has an error only where it would not do what it says', () => {
    const known = new Set([
      'extra_input_dangling_link',
      'link_to_scalar',
      'string_coerce',
      'slot_negative',
      'slot_true',
      'dyn_key_drop',
      'dyn_key_bad',
      'dyn_key_other',
      'dyn_sub_drop',
      'dyn_sub_bad',
      'widget_to_link',
      'drop_required_widget',
      'float_coerce',
      'combo_bad',
      'autogrow_gap',
      'compatible_relink',
      'self_link',
      'dangling_node',
      'delete_upstream',
    ]);
    const stricter = verdicts.filter(({ isRejected, errors }) => !isRejected && errors.length > 0);
    expect(
      stricter.filter(({ mutation }) => !known.has(mutation)).map(({ name, errors }) => `${name} ${errors}`),
    ).toEqual([]);
  });
});

withCorpus('blueprints', (dir) => {
  it('[VS-9] a fragment for other workflows is not said to have no result, nor to lack what it takes from outside', () => {
    const codes = readdirSync(dir).flatMap((name) => {
      const json = parseJson(readFileSync(join(dir, name)), { ...LIMITS, source: name });
      const { diagnostics } = validateDocument(json, name, defaultCatalog());
      return diagnostics.map(({ code, severity }) => `${severity} ${code}`);
    });
    expect(codes.filter((code) => /OUTPUT_MISSING|error INPUT_MISSING|NODE_UNUSED/.test(code))).toEqual([]);
    expect(codes.filter((code) => code.startsWith('error')).length).toBeLessThanOrEqual(2);
  });
});
