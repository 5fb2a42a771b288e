import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../../src/base/json-parse.ts';
import type { Catalog } from '../../src/core/catalog/catalog.ts';
import { catalogOfEngine } from '../../src/core/catalog/engines.ts';
import { convertToApi } from '../../src/core/convert/convert.ts';
import { fileOrder } from '../../src/core/convert/renumber.ts';
import { validateAsEngine } from '../../src/core/validate/engine/validate-as-engine.ts';
import { readPrompt } from '../../src/core/validate/read-prompt.ts';
import { readWorkflow } from '../../src/core/workflow/read.ts';
import { writeWorkflow } from '../../src/core/workflow/write.ts';
import { repairWorkflow } from '../../src/plan/agents/coordinator.ts';
import { mutatedCases, officialPrompts, serverFiles } from '../../test/core/validate/mutations/cases.ts';
import {
  KINDS_OF_INTENT,
  type KindFigures,
  repairFigures,
  withoutErrors,
} from '../../test/plan/agents/repair-figures.ts';
import { type BenchContext, type Figure, figure } from '../figure.ts';

const PER_KIND = 30;
const MIXED = 400;
/** Percent of prompts that may stay broken though nobody's intent is needed. */
const LEFT_BAR = 5;

/** Repairs of damaged official prompts, by kind of damage, and of old prompts for a newer engine. */
export async function figures(ctx: BenchContext): Promise<Figure[]> {
  const data = process.env['CWF_CORPUS'] ?? join(ctx.root, '../shared/data');
  if (!existsSync(join(data, 'groundtruth'))) {
    ctx.note('the official prompts are not at hand (CWF_CORPUS): nothing is measured');
    return [];
  }
  return [...(await damaged(ctx, data)), ...(await upgraded(ctx, data))];
}

async function damaged(ctx: BenchContext, data: string): Promise<Figure[]> {
  const files = serverFiles(data);
  const cases = mutatedCases(withoutErrors(officialPrompts(data), files), {
    seed: Number(process.env['CWF_SEED'] ?? 1),
    perKind: PER_KIND,
    mixed: MIXED,
    files,
  });
  const start = performance.now();
  const rows = await repairFigures(cases, files);
  const spent = performance.now() - start;
  ctx.note('kind                       cases broken intent valid equal harmless');
  for (const row of rows.sort((a, b) => (a.kind < b.kind ? -1 : 1))) {
    const { kind, cases: all, broken, intent, valid, equal, harmless } = row;
    const why = Object.hasOwn(KINDS_OF_INTENT, kind) ? `  needs: ${KINDS_OF_INTENT[kind]}` : '';
    ctx.note(
      `${kind.padEnd(26)} ${[all, broken, intent, valid, equal, harmless].map((n) => String(n).padStart(5)).join(' ')}${why}`,
    );
  }
  const sum = (key: Exclude<keyof KindFigures, 'kind'>): number => rows.reduce((total, row) => total + row[key], 0);
  const plain = sum('broken') - sum('intent');
  const common = { suite: 'repair', against: `${cases.length} damaged official prompts` };
  const percent = { ...common, unit: '%' };
  return [
    figure({ ...percent, name: 'harmed', value: 100 - (100 * sum('harmless')) / sum('cases'), bar: 0 }),
    figure({
      ...percent,
      name: 'left broken, no intent needed',
      value: 100 - (100 * sum('validWithoutIntent')) / plain,
      bar: LEFT_BAR,
    }),
    figure({ ...percent, name: 'left broken, all', value: 100 - (100 * sum('valid')) / sum('broken'), bar: null }),
    figure({
      ...percent,
      name: 'equal to the prompt before the damage',
      value: (100 * sum('equal')) / sum('cases'),
      bar: null,
    }),
    figure({ ...common, unit: 'ms', name: 'one prompt, judged and repaired', value: spent / cases.length, bar: null }),
  ];
}

/** Official workflows that ComfyUI 0.3.64 takes and 0.33.0 does not. */
async function upgraded(ctx: BenchContext, data: string): Promise<Figure[]> {
  const [old, now] = [await catalogOfEngine('0.3.64'), await catalogOfEngine('0.33.0')];
  const folders = ['templates', ...readdirSync(join(data, 'history')).map((name) => join('history', name))];
  const seen = new Set<string>();
  let [broken, left] = [0, 0];
  for (const path of folders.flatMap((folder) =>
    readdirSync(join(data, folder)).map((name) => join(data, folder, name)),
  )) {
    const prompt = promptOf(path, old);
    const key = JSON.stringify(prompt);
    if (prompt === undefined || seen.has(key) || !isTaken(prompt, old)) continue;
    seen.add(key);
    const { workflow } = readPrompt(prompt as never, { catalog: now, source: path });
    const repair = await repairWorkflow(workflow, now);
    if (repair.accepted.length === 0 && repair.left.every(({ severity }) => severity !== 'error')) continue;
    broken++;
    const isRight =
      repair.left.every(({ severity }) => severity !== 'error') && isTaken(writeWorkflow(repair.after), now);
    if (!isRight) left++;
    for (const one of isRight ? [] : repair.left.filter(({ severity }) => severity === 'error'))
      ctx.note(`upgrade: ${one.class_type} ${one.input ?? ''}: ${one.message}: ${one.advice}`);
  }
  const against = `${broken} workflows broken by 0.3.64 -> 0.33.0`;
  return [figure({ suite: 'repair', name: 'upgrades left broken', value: left, unit: 'of them', against, bar: null })];
}

function promptOf(path: string, catalog: Catalog): unknown {
  try {
    const json = parseJson(readFileSync(path), { source: path });
    const workflow = readWorkflow(json, { catalog, source: path });
    const { prompt } = convertToApi(workflow, catalog, { order: fileOrder(json), now: new Date(0), choose: () => 0 });
    return JSON.parse(JSON.stringify(prompt, (_key, one) => (typeof one === 'bigint' ? Number(one) : one)));
  } catch {
    // Not every file of the corpus is a workflow that the older engine knows.
    return undefined;
  }
}

function isTaken(prompt: unknown, catalog: Catalog): boolean {
  const { status, node_errors } = validateAsEngine({ prompt: structuredClone(prompt) as never }, catalog);
  return status === 200 && Object.keys(node_errors).length === 0;
}
