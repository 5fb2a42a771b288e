import { relative, resolve } from 'node:path';
import { CwfError } from '../base/errors.ts';
import { type Catalog, defaultCatalog } from '../core/catalog/catalog.ts';
import { withoutGroupNodes } from '../core/convert/group-nodes.ts';
import { whereItLives } from '../core/transform/where-it-lives.ts';
import { parseAddress } from '../core/workflow/address.ts';
import type { InputPlace } from '../core/workflow/effective.ts';
import { readWorkflow } from '../core/workflow/read.ts';
import type { Workflow } from '../core/workflow/types.ts';
import type { Parameter, ParamValue } from '../plan/optimize/space.ts';
import { readSpaceFile } from '../plan/optimize/space-file/read-space-file.ts';
import { addressText, spaceFileOf } from '../plan/optimize/space-file/space-file-of.ts';
import { type FindOptions, findTunables } from '../plan/optimize/tunables/find-tunables.ts';
import type { Goal } from '../plan/optimize/tunables/goals.ts';
import type { Held, NamedNode, Tunable, Tunables } from '../plan/optimize/tunables/tunable.ts';
import { type DocumentWorld, readCandidates } from './document.ts';
import { readBytes, writeWhole } from './plain-files.ts';
import { parseSpace, spaceYaml } from './space-yaml.ts';
import { defineVerb } from './verb.ts';

/** Which space to look at. */
export interface SpaceInput {
  /** A file, `<rev>:<path>`, an image that holds a workflow, or `-`. */
  readonly file: string;
  readonly goal?: Goal;
  /** Addresses of inputs to search whatever they mean. */
  readonly also?: readonly string[];
  /** A space file instead of what is found. */
  readonly space?: string;
  /** Where to write the space as a file: JSON by its ending, else YAML. */
  readonly write?: string;
}

/** A parameter, told. */
export interface ToldParameter {
  readonly name: string;
  readonly parameter: Parameter;
  readonly meaning: Tunable['meaning'];
  readonly current: ParamValue;
  /** Addresses of the widgets that hold the value. */
  readonly lives: readonly string[];
  /** Addresses of the inputs that take it from there. */
  readonly readers: readonly string[];
  readonly why: string;
}

/** A value that is not searched, told. */
export interface ToldHeld extends Omit<Held, 'targets' | 'readers'> {
  readonly lives: readonly string[];
}

/** A model that is used, told. */
export interface ToldModel {
  readonly file?: string;
  readonly family?: string;
  readonly title?: string;
  readonly variant?: string;
  /** How the family was told, and by what. */
  readonly by?: 'file' | 'name' | 'nodes';
  readonly evidence?: string;
  /** What says that it was made for few steps. */
  readonly distilled?: string;
}

/** The space of a workflow. */
export interface SpaceOutput {
  readonly file: string;
  readonly format: Workflow['format'];
  readonly models: readonly ToldModel[];
  readonly parameters: readonly ToldParameter[];
  readonly held: readonly ToldHeld[];
  readonly hosted: readonly NamedNode[];
  readonly unknown: readonly NamedNode[];
  /** The file that was written. */
  readonly written?: string;
}

/**
 * `cwf space`: what can be varied in a workflow, or what a space file varies in it. Throws what reading throws,
 * SPACE_FILE_INVALID, SPACE_NOTHING (an input of `also`, or nothing to write), STORAGE_FAILED.
 */
export async function showSpace(input: SpaceInput, world: DocumentWorld): Promise<SpaceOutput> {
  if (input.space !== undefined && (input.goal !== undefined || input.also?.length))
    throw new CwfError('USAGE', {
      command: 'space',
      reason: '--space says what is varied: leave --for and --with away',
    });
  const catalog = defaultCatalog();
  const candidates = await readCandidates(input.file, world);
  const { name, source, json } = candidates.find(({ part }) => part === 'workflow') ?? candidates[0]!;
  const workflow = readWorkflow(withoutGroupNodes(json(), catalog), { catalog, source });
  const found = await tunablesOf(workflow, catalog, { ...input, file: source }, world.cwd);
  const { tunables, held, models, hosted, unknown } = found;
  const lives = (targets: readonly { readonly place: InputPlace }[]): string[] =>
    targets.map(({ place }) => addressText(place, workflow));
  const readBy = (readers: readonly InputPlace[]): string[] => [
    ...new Set(readers.map((place) => addressText(place, workflow))),
  ];
  const told = {
    file: name,
    format: workflow.format,
    models: models.map(tellModel),
    parameters: tunables.map(({ parameter, meaning, current, targets, readers, why }) => {
      return {
        name: parameter.name,
        parameter,
        meaning,
        current,
        lives: lives(targets),
        readers: readBy(readers),
        why,
      };
    }),
    held: held.map(({ targets, readers: _readers, ...rest }) => ({ ...rest, lives: lives(targets) })),
    hosted,
    unknown,
  };
  if (input.write === undefined) return told;
  if (tunables.length === 0) throw new CwfError('SPACE_NOTHING', { source });
  await writeSpace(tunables, workflow, name, resolve(world.cwd, input.write));
  return { ...told, written: relative(world.cwd, resolve(world.cwd, input.write)) };
}

/** The verb: as `showSpace`, in a repository. It reads no stdin and writes no file: a door's answer is the space. */
export const space = defineVerb<Omit<SpaceInput, 'write'>, SpaceOutput>({
  name: 'space',
  summary: 'Find what can be varied in a workflow',
  mutates: false,
  run: (ctx, input) =>
    showSpace(input, {
      cwd: ctx.cwd,
      now: ctx.now,
      stdin: () => {
        throw new CwfError('USAGE', { command: 'space', reason: 'there is no stdin here' });
      },
      open: async () => ctx,
    }),
});

/**
 * What is varied in a workflow: what a space file says where there is one, else what is found. Throws as `showSpace`
 * does.
 */
export async function tunablesOf(
  workflow: Workflow,
  catalog: Catalog,
  { file, goal, also = [], space: own }: Omit<SpaceInput, 'write' | 'goal'> & Pick<FindOptions, 'goal'>,
  cwd: string,
): Promise<Tunables> {
  const places = also.map((address): InputPlace => {
    const { path: _path, link: _link, ...asked } = parseAddress(address, workflow, file);
    return whereItLives(workflow, asked, address);
  });
  const found = findTunables(workflow, catalog, { goal, also: places });
  if (own === undefined) return found;
  const { json, fields } = await parseSpace(readBytes(resolve(cwd, own), own), own);
  const known = [...found.tunables, ...found.held];
  const tunables = readSpaceFile(json, { workflow, catalog, known }, fields);
  return { ...found, tunables, held: [], space: { parameters: tunables.map(({ parameter }) => parameter) } };
}

async function writeSpace(tunables: readonly Tunable[], workflow: Workflow, name: string, path: string): Promise<void> {
  const json = spaceFileOf(tunables, workflow, name);
  if (path.endsWith('.json')) return writeWhole(path, `${JSON.stringify(json, null, 2)}\n`);
  const comments = new Map(
    tunables.map(({ parameter, current, why }) => [parameter.name, `now ${String(current)}; ${why}`]),
  );
  writeWhole(path, await spaceYaml(json, `What cwf may vary in ${name}; see docs/spaces.md`, comments));
}

function tellModel({ file, detected, distilled }: Tunables['models'][number]): ToldModel {
  const { family, variant, by, evidence } = detected ?? {};
  return {
    ...(file === undefined ? {} : { file }),
    ...(family ? { family: family.id, title: family.title } : {}),
    ...(variant ? { variant: variant.id } : {}),
    ...(by ? { by, evidence } : {}),
    ...(distilled ? { distilled: distilled.evidence } : {}),
  };
}
