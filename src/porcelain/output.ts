import { resolve } from 'node:path';
import { type DescribedOutput, describeOutput } from '../io/outputs/describe.ts';
import { readParts } from '../io/outputs/disk.ts';
import { type ExportForm, exportOutput } from '../io/outputs/export.ts';
import { collectOutputs, type GcResult } from '../io/outputs/gc.ts';
import { listOutputs, putOutput, weighParts } from '../io/outputs/store.ts';
import { outputType } from '../io/outputs/type.ts';
import { type DamagedOutput, verifyOutputs } from '../io/outputs/verify.ts';
import type { Oid } from '../io/repo/types.ts';
import type { OutputSettings } from './config.ts';
import { findOutputName, madeOutputs, namedOutputs, outputsOf } from './output-names.ts';
import { defineVerb } from './verb.ts';

/** A file that a run made, and the commit that was run. */
export interface OutputAddInput {
  readonly file: string;
  /** Commit to note it on; none when absent. */
  readonly rev?: string;
  readonly dryRun?: boolean;
}

/** An output, and the commits whose notes name it. */
export interface ListedOutput extends DescribedOutput {
  readonly commits: readonly Oid[];
}

/** `cwf output add`: puts a file into the store; with a commit, notes there that it made it. */
export const outputAdd = defineVerb<OutputAddInput, DescribedOutput & { readonly commit?: Oid }>({
  name: 'output add',
  summary: 'Keep a file that a workflow made',
  mutates: true,
  async run(ctx, input) {
    const place = outputsOf(ctx);
    const commit = input.rev === undefined ? undefined : await ctx.repo.resolve(input.rev);
    const parts = readParts(resolve(ctx.cwd, input.file), { shown: input.file, follow: true });
    if (input.dryRun) {
      const { id, size, head } = await weighParts(parts);
      const weighed = { id, size, time: ctx.now(), type: outputType(head).type };
      return commit === undefined ? weighed : { ...weighed, commit };
    }
    const { id } = await putOutput(place, parts);
    const output = await describeOutput(place, id);
    if (commit === undefined) return output;
    const { size, type } = output;
    const fact = { actor: ctx.actor, output: `sha256:${id}`, size, time: Math.floor(ctx.now() / 1000), type };
    await ctx.repo.transaction({ command: 'output add', actor: ctx.actor }, async (tx) => {
      ctx.repo.notes('runs').add(tx, commit, fact);
    });
    return { ...output, commit };
  },
});

/** `cwf output ls`: what is in the store, newest last; with a revision what its notes name. */
export const outputLs = defineVerb<
  { readonly rev?: string },
  { readonly outputs: readonly ListedOutput[]; readonly size: number; readonly missing: readonly string[] }
>({
  name: 'output ls',
  summary: 'List the outputs of runs',
  mutates: false,
  async run(ctx, input) {
    const place = outputsOf(ctx);
    const commit = input.rev === undefined ? undefined : await ctx.repo.resolve(input.rev);
    const named = await namedOutputs(ctx);
    const isWanted = (id: string): boolean => commit === undefined || named.get(id)?.includes(commit) === true;
    const stored = [...listOutputs(place)];
    const outputs: ListedOutput[] = [];
    for (const { id } of stored.filter((each) => isWanted(each.id)).sort((a, b) => a.time - b.time))
      outputs.push({ ...(await describeOutput(place, id)), commits: named.get(id) ?? [] });
    const here = new Set(stored.map(({ id }) => id));
    const made = commit === undefined ? [] : await madeOutputs(ctx, commit);
    const missing = made.filter((id) => !here.has(id)).sort();
    return { outputs, size: outputs.reduce((sum, { size }) => sum + size, 0), missing };
  },
});

/** Which output to write where, and in what form; by default as `outputs.pointers` of `.cwfrc` says. */
export interface OutputExportInput {
  readonly output: string;
  readonly to: string;
  readonly form?: ExportForm;
}

/** `cwf output export`: an output as a file. Throws OUTPUT_FILE_NOT_FOUND, OUTPUT_CORRUPT, FILE_EXISTS. */
export const outputExport = defineVerb<
  OutputExportInput,
  { readonly id: string; readonly path: string; readonly form: ExportForm }
>({
  name: 'output export',
  summary: 'Write an output to a file',
  mutates: false,
  writes: true,
  async run(ctx, input) {
    const place = outputsOf(ctx);
    const id = findOutputName(place, input.output);
    const form = input.form ?? (ctx.config.outputs.pointers ? 'pointer' : 'bytes');
    const path = await exportOutput(place, id, resolve(ctx.cwd, input.to), form);
    return { id, path, form };
  },
});

/** How many were read, and those that are damaged with the commits whose notes name them. */
export interface OutputVerifyOutput {
  readonly checked: number;
  readonly damaged: readonly DamagedListed[];
}

interface DamagedListed extends DamagedOutput {
  readonly commits: readonly Oid[];
}

/** `cwf output verify`: reads every output and compares it with its name. */
export const outputVerify = defineVerb<Record<string, never>, OutputVerifyOutput>({
  name: 'output verify',
  summary: 'Check that every output is whole',
  mutates: false,
  async run(ctx) {
    const found = [...verifyOutputs(outputsOf(ctx))];
    const damaged = found.flatMap((each) => each.damaged ?? []);
    const named = damaged.length > 0 ? await namedOutputs(ctx) : new Map<string, Oid[]>();
    return { checked: found.length, damaged: damaged.map((each) => ({ ...each, commits: named.get(each.id) ?? [] })) };
  },
});

/** What to keep; what is not given is as `.cwfrc` says. */
export interface OutputGcInput {
  readonly keep?: OutputSettings['keep'];
  /** Room in GB (1e9 bytes). */
  readonly maxGb?: number;
  /** Drops what notes name, too, where there is no room without. */
  readonly evenNoted?: boolean;
  readonly dryRun?: boolean;
}

/** `cwf output gc`: drops outputs by the policy. What was dropped cannot be brought back: outputs are not in git. */
export const outputGc = defineVerb<OutputGcInput, GcResult>({
  name: 'output gc',
  summary: 'Drop outputs that nothing names, or that there is no room for',
  mutates: false,
  writes: true,
  async run(ctx, input) {
    const { keep, max_gb: room } = ctx.config.outputs;
    const maxGb = input.maxGb ?? room;
    return collectOutputs(outputsOf(ctx), {
      keep: input.keep ?? keep,
      ...(maxGb === null ? {} : { maxBytes: maxGb * 1e9 }),
      named: new Set((await namedOutputs(ctx)).keys()),
      evenNamed: input.evenNoted === true,
      now: ctx.now(),
      dryRun: input.dryRun === true,
    });
  },
});
