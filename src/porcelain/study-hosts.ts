import { join, resolve } from 'node:path';
import { CwfError, isCwfError } from '../base/errors.ts';
import { lockState, takeLock } from '../io/repo/locks.ts';
import type { Runner } from '../io/runner/runner.ts';
import type { StudyDefinition } from '../plan/optimize/study/definition.ts';
import type { Context } from './context.ts';
import { parseFile } from './json-file.ts';
import { OF_RUNNERS } from './optimize-objectives.ts';
import type { OpenedStudy } from './optimize-open.ts';
import { prepareRun } from './run-prepare.ts';
import type { KnownRunner } from './run-runners.ts';
import { type OpenRunners, openRunners } from './runners.ts';
import { StudyRunners, type StudyRunnersOptions } from './study-runners.ts';
import { toDocument } from './worktree.ts';

/** The named runners, each once, or the default ones. */
export async function openHosts(ctx: Context, hosts: readonly string[] = []): Promise<OpenRunners> {
  if (hosts.length === 0) return openRunners(ctx);
  const opened: OpenRunners[] = [];
  const close = async () => void (await Promise.all(opened.map((one) => one.close())));
  try {
    for (const host of new Set(hosts)) opened.push(await openRunners(ctx, host));
  } catch (error) {
    await close();
    throw error;
  }
  return { runners: opened.flatMap(({ runners }) => runners), close };
}

/** Keeps other processes of this repository off a study while it runs. Throws STUDY_BUSY. */
export async function underLock<T>(ctx: Context, name: string, run: () => Promise<T>): Promise<T> {
  const path = join(ctx.repo.cwfDir, `study-${name}.lock`);
  if ((await lockState(path)) === 'alive') throw new CwfError('STUDY_BUSY', { study: name });
  const lock = await takeLock(ctx.repo.cwfDir, resolve(path), `study ${name}`);
  try {
    return await run();
  } finally {
    lock.release();
  }
}

/** What may be spent, where it is said with what a run costs. Throws USAGE for amounts that are none. */
export function moneyOf(
  command: string,
  most: number | undefined,
  perRun: number | undefined,
): Pick<StudyDefinition, 'money'> {
  for (const [flag, amount] of [
    ['--money', most],
    ['--cost-per-run', perRun],
  ] as const)
    if (amount !== undefined && !(Number.isFinite(amount) && amount > 0))
      throw new CwfError('USAGE', { command, reason: `${flag}: ${amount} is no amount over 0` });
  return most === undefined || perRun === undefined ? {} : { money: { most, perRun } };
}

/** A definition with the money that is given now, or else what it has. Throws USAGE for amounts that are none. */
export function withMoney(
  command: string,
  definition: StudyDefinition,
  { money, costPerRun }: { readonly money?: number; readonly costPerRun?: number },
): StudyDefinition {
  const { money: known, ...rest } = definition;
  return { ...rest, ...moneyOf(command, money ?? known?.most, costPerRun ?? known?.perRun) };
}

/**
 * The runners of a study while they are in use: those that would refuse the workflow as it is are left out, as long as
 * another takes it. Throws as `StudyRunners.open` does.
 */
export async function studyRunners(
  ctx: Context,
  opened: OpenedStudy,
  runners: readonly Runner[],
  { clock, signal, onRemark }: Pick<StudyRunnersOptions, 'clock' | 'signal' | 'onRemark'>,
): Promise<StudyRunners> {
  const used = await StudyRunners.open(runners, {
    ...(clock ? { clock } : {}),
    ...(signal ? { signal } : {}),
    ...(onRemark ? { onRemark: (text) => onRemark(text) } : {}),
    judge: (known) => faultOn(ctx, opened, known),
  });
  const { objectives, limits } = opened.definition;
  const unlike = [...objectives, ...limits].find(({ name }) => OF_RUNNERS.has(name));
  const names = used.useful.map(({ runner }) => runner.name);
  if (unlike && names.length > 1)
    onRemark?.(`${unlike.name} on ${names.join(', ')}: where these differ it says as much of them as of the trials`);
  return used;
}

/** Why a runner would not take the workflow of a study as it is; undefined where it would, or a trial has to tell. */
async function faultOn(
  ctx: Context,
  { definition, workflow, input }: OpenedStudy,
  { definitions }: KnownRunner,
): Promise<string | undefined> {
  const { file } = definition;
  const json = parseFile(toDocument(workflow).bytes, file);
  const source = { subject: '', file, json, document: definition.document };
  try {
    const prepared = await prepareRun(ctx, source, input === undefined ? {} : { input }, definitions);
    return prepared.kind === 'invalid' ? prepared.error.message : undefined;
  } catch (error) {
    if (isCwfError(error, 'ENGINE_CLASSES')) return error.message;
    if (isCwfError(error)) return undefined;
    throw error;
  }
}
