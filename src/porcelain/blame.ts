/**
 * Who set each value of a workflow. Places travel from a commit to its parents until one is found that set them:
 *
 *      rev:   {3.steps 3.cfg 3.model ...}       one set per commit and file name
 *       |     this commit's patch names 3.cfg   -> 3.cfg is its
 *      parent {3.steps 3.model ...}             a merge passes a place to the first parent that has it alike
 *
 * Invariant: every place is in exactly one set, or attributed. What an ordinary commit changed stands in its message
 * (`Cwf-Patch`); its snapshots are only read where the message cannot say it.
 */
import { CwfError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { nodeLabel, showValue } from '../core/edit/describe.ts';
import { diffWorkflows } from '../core/edit/diff.ts';
import { inputPath, parseAddress } from '../core/workflow/address.ts';
import { graphDigest } from '../core/workflow/digest.ts';
import { effectiveValue } from '../core/workflow/effective.ts';
import type { LinkSource, Workflow } from '../core/workflow/types.ts';
import type { Commit, Oid } from '../io/repo/types.ts';
import { type Place, placesKept, placesOf, placesSet } from './blame-places.ts';
import type { Context } from './context.ts';
import { entryAt, readMessage } from './log.ts';
import { orHint } from './mistaken.ts';
import { repoPath } from './paths.ts';
import { readStated } from './stated.ts';
import { defineVerb } from './verb.ts';
import { loadWorkflows, workflowAt, workflowOf } from './workflows.ts';

/** Which workflow, as it was in `rev` (HEAD); only one input of it when `input` is given. */
export interface BlameInput {
  readonly file: string;
  readonly rev?: string;
  /** `<node>.<input>`, see address.ts. */
  readonly input?: string;
  /** Reads snapshots only; slower, the same answer. */
  readonly snapshots?: boolean;
}

/** One value and the commit that set it. */
export interface BlameLine extends Omit<Place, 'value'> {
  /** The node in words: `KSampler "portrait" (3)`. */
  readonly label: string;
  readonly value: Json;
  /** The value in words. */
  readonly text: string;
  readonly commit: Oid;
}

/** A commit that set something. */
export interface BlamedCommit {
  readonly oid: Oid;
  readonly author: Commit['author'];
  readonly actor?: string;
  readonly subject: string;
}

/** Every value in the order of the document, and the commits they name. */
export interface BlameOutput {
  readonly file: string;
  readonly rev: Oid;
  readonly lines: readonly BlameLine[];
  readonly commits: readonly BlamedCommit[];
}

/** `cwf blame`. Throws REV_NOT_FOUND, FILE_NOT_FOUND, NOT_A_WORKFLOW, NODE_NOT_FOUND, INPUT_NOT_FOUND. */
export const blame = defineVerb<BlameInput, BlameOutput>({
  name: 'blame',
  summary: 'Show who last set each value of a workflow',
  mutates: false,
  async run(ctx, input) {
    const file = repoPath(ctx, input.file);
    const hint =
      /[^.]\.[^.]/.test(input.rev ?? '') && `One input is named with -i: \`cwf blame ${file} -i ${input.rev}\`.`;
    const rev = await orHint(ctx.repo.resolve(input.rev ?? 'HEAD'), hint);
    const workflow = await workflowAt(ctx, input.rev ?? 'HEAD', file);
    const wanted = input.input === undefined ? undefined : pointersFor(input.input, workflow, file);
    const places = placesOf(workflow).filter(({ pointer }) => wanted === undefined || wanted.includes(pointer));
    const trace = new Trace(ctx, input.snapshots !== true);
    const owners = await trace.run(rev, file, new Map(places.map(({ pointer }) => [pointer, [pointer]])));
    const lines = places.map((place): BlameLine => {
      const { label, text } = wordsOf(place, workflow);
      return { ...place, label, text, commit: owners.get(place.pointer)!.oid };
    });
    const commits = [...new Map([...owners.values()].map((commit) => [commit.oid, commit])).values()];
    return { file, rev, lines, commits: commits.map(briefOf) };
  },
});

/** The place of an input, and where a link feeds it those of the widgets its value comes from. [EV-2] */
function pointersFor(text: string, workflow: Workflow, file: string): string[] {
  const address = parseAddress(text, workflow, file);
  if (address.link === undefined) return [address.path];
  const found = effectiveValue(workflow, address);
  const values = found.kind === 'several' ? found.values : [found];
  const sources = values.flatMap((one) =>
    one.kind === 'value' ? [inputPath(one.place.scope, one.place.node, 'widgets', one.place.input)] : [],
  );
  return [address.path, ...sources];
}

/** Places of one file as it is at some commit, each with those of the file in question that have come to it. */
type Places = Map<string, readonly string[]>;

/** Places of one file that wait at one commit. */
interface Waiting {
  readonly commit: Commit;
  readonly file: string;
  readonly places: Places;
}

class Trace {
  private readonly ctx: Context;
  private readonly trusting: boolean;
  private readonly waiting = new Map<string, Waiting>();
  private readonly owners = new Map<string, Commit>();

  constructor(ctx: Context, trusting: boolean) {
    this.ctx = ctx;
    this.trusting = trusting;
  }

  async run(rev: Oid, file: string, places: Places): Promise<ReadonlyMap<string, Commit>> {
    const shallow = await this.ctx.repo.shallow();
    await this.pass(rev, file, places);
    for (let next = this.take(); next !== undefined; next = this.take()) {
      if (shallow.has(next.commit.oid) || next.commit.parents.length === 0) this.attribute(next);
      else if (!(await this.byMessage(next))) await this.bySnapshots(next);
    }
    return this.owners;
  }

  /** The youngest commit that waits: its children, which may pass more to it, are mostly done then. */
  private take(): Waiting | undefined {
    let key: string | undefined;
    let best: Waiting | undefined;
    for (const [at, one] of this.waiting) {
      if (best && one.commit.committer.timestamp <= best.commit.committer.timestamp) continue;
      best = one;
      key = at;
    }
    if (key !== undefined) this.waiting.delete(key);
    return best;
  }

  /** Hands places on to a parent; the map itself when nothing waits there yet. */
  private async pass(oid: Oid, file: string, places: Places): Promise<void> {
    if (places.size === 0) return;
    const key = `${oid} ${file}`;
    const there = this.waiting.get(key);
    if (there)
      for (const [place, asked] of places) there.places.set(place, [...(there.places.get(place) ?? []), ...asked]);
    else this.waiting.set(key, { commit: await this.ctx.repo.readCommit(oid), file, places });
  }

  /** This commit set all that waits. */
  private attribute({ commit, places }: Waiting): void {
    for (const asked of places.values()) for (const place of asked) this.owners.set(place, commit);
  }

  /** The fast path; false when the message does not say what happened to the file. */
  private async byMessage(at: Waiting): Promise<boolean> {
    const { commit, file, places } = at;
    const [parent, ...more] = commit.parents;
    const stated = this.trusting ? readStated(commit) : undefined;
    const change = stated?.files.get(file);
    // A new file may be a renamed one; a digest says nothing about places.
    if (stated === undefined || (change !== undefined && change.kind !== 'patch')) return false;
    const set: Places = new Map();
    for (const place of change ? placesSet(places, change.pointers) : []) {
      const asked = places.get(place);
      // It may stand both by itself and within a node that was set.
      if (asked === undefined) continue;
      set.set(place, asked);
      places.delete(place);
    }
    await this.pass(parent!, file, places);
    // What a merge has unlike its first parent may come from another one.
    if (more.length > 0) await this.bySnapshots({ commit, file, places: set }, more);
    else this.attribute({ commit, file, places: set });
    return true;
  }

  /** Compares with each parent in turn: what it has alike is passed on to it, what no parent has is this commit's. */
  private async bySnapshots(at: Waiting, parents: readonly Oid[] = at.commit.parents): Promise<void> {
    const { repo } = this.ctx;
    const own = await entryAt(this.ctx, at.commit.tree, at.file);
    for (const oid of parents) {
      if (at.places.size === 0) return;
      const parent = await repo.readCommit(oid);
      const there = await entryAt(this.ctx, parent.tree, at.file);
      if (there === own) return this.pass(oid, at.file, at.places);
      const workflow = own === undefined ? undefined : await workflowOf(this.ctx, own, at.file);
      if (workflow === undefined) break;
      const before = (there === undefined ? undefined : await workflowOf(this.ctx, there, at.file)) ?? undefined;
      const from = before ? { file: at.file, workflow: before } : await this.renamedFrom(at, parent, workflow);
      if (from === undefined) continue;
      const edits = diffWorkflows(from.workflow, workflow);
      const kept: Places = new Map();
      for (const [place, old] of placesKept(at.places.keys(), edits, from.workflow, workflow)) {
        kept.set(old, [...(kept.get(old) ?? []), ...at.places.get(place)!]);
        at.places.delete(place);
      }
      await this.pass(oid, from.file, kept);
    }
    this.attribute(at);
  }

  /** The file of the parent that this commit renamed to the present name: gone here, with the same graph. */
  private async renamedFrom(
    { commit, file }: Waiting,
    parent: Commit,
    workflow: Workflow,
  ): Promise<{ file: string; workflow: Workflow } | undefined> {
    const here = await loadWorkflows(this.ctx, commit.tree);
    const there = await loadWorkflows(this.ctx, parent.tree);
    if (there.has(file)) return undefined;
    const digest = graphDigest(workflow);
    for (const [name, entry] of there) {
      if (here.has(name)) continue;
      const old = await entry.workflow();
      if (old !== undefined && graphDigest(old) === digest) return { file: name, workflow: old };
    }
    return undefined;
  }
}

function briefOf(commit: Commit): BlamedCommit {
  const { subject, actor } = readMessage(commit.message);
  return { oid: commit.oid, author: commit.author, ...(actor === undefined ? {} : { actor }), subject };
}

function wordsOf(place: Place, workflow: Workflow): { label: string; text: string } {
  const graph = place.scope === undefined ? workflow : workflow.subgraphs[place.scope];
  const node = graph?.nodes[place.node];
  if (graph === undefined || node === undefined) throw new CwfError('BUG', { what: `no node at ${place.pointer}` });
  const name = place.scope === undefined ? '' : `${workflow.subgraphs[place.scope]!.name || place.scope} > `;
  const label = `${name}${nodeLabel(place.node, node, workflow)}`;
  if (place.part !== 'link') return { label, text: place.part === 'node' ? node.class_type : showValue(place.value) };
  const { from, slot } = place.value as unknown as LinkSource;
  const source = graph.nodes[from];
  return {
    label,
    text: source ? `${nodeLabel(from, source, workflow)}.${slotName(source.ui.outputs, slot)}` : 'subgraph input',
  };
}

function slotName(outputs: Json | undefined, slot: string | number): string {
  const name = (outputs as Record<string, { name?: Json }> | undefined)?.[String(slot)]?.name;
  return typeof name === 'string' && name !== '' ? name : String(slot);
}
