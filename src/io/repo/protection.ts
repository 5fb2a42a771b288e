/**
 * Protected branches. The rules lie in `refs/cwf/protect`, a ref of commits with one file: no branch holds them, so no
 * edit of a tree changes them, and they travel and merge as history does. [RV-1]
 *
 * What an agent may not do is decided in one place, under the lock of the transaction, whatever verb it came from: move,
 * make or delete a protected branch; write working files or git's index while HEAD is on one; change the rules; take
 * back a line of a review, or write one in another's name. [RV-2]
 */
import { CwfError } from '../../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { parseJson } from '../../base/json-parse.ts';
import { canonicalJson } from '../../base/json-text.ts';
import { notesRef } from './notes.ts';
import { readRawRef, readRef } from './refs.ts';
import type { Repo } from './repo.ts';
import type { Transaction, TransactionMeta } from './transaction.ts';
import type { Oid } from './types.ts';

/** Where the rules lie. */
export const PROTECT_REF = 'refs/cwf/protect';
/** Where proposals lie. */
export const PROPOSAL_REFS = 'refs/cwf/proposal/';
/** The pattern of the default branch, whatever it is called. */
export const DEFAULT_BRANCH = '@default';
/** Checks that a rule may ask for. */
export const REQUIRED_CHECKS = ['validate', 'reach'] as const;
/** Most people a rule may ask for. */
export const MOST_APPROVALS = 20;

export type RequiredCheck = (typeof REQUIRED_CHECKS)[number];

/** One rule: which branches, and what a proposal into them needs. */
export interface ProtectRule {
  /** A name, a pattern (`release/*`, `**`), or DEFAULT_BRANCH. */
  readonly branch: string;
  /** People who must have approved the commit that is merged. */
  readonly approvals: number;
  readonly checks: readonly RequiredCheck[];
}

/** All rules; without a `tip` nobody has made any, and nothing is protected. */
export interface Protection {
  readonly rules: readonly ProtectRule[];
  readonly tip?: Oid;
  /** Full names that `@default` stands for, and the one of them that is there: else it stands for every branch. */
  readonly defaults: readonly string[];
  readonly defaultBranch?: string;
}

const FILE = 'protect.json';
const HEADS = 'refs/heads/';

/** The rules as they stand. Throws PROTECT_UNREADABLE: what cannot be read must not look as if nothing was protected. */
export async function readProtection(repo: Repo): Promise<Protection> {
  const { names: defaults, known } = defaultsOf(repo.gitDir);
  const common = { defaults, ...(known === undefined ? {} : { defaultBranch: known }) };
  const tip = readRef(repo.gitDir, PROTECT_REF);
  if (tip === undefined) return { rules: [], ...common };
  try {
    const entry = (await repo.listTree((await repo.readCommit(tip)).tree)).get(FILE);
    const rules = entry && readRules((await repo.readObject(entry.oid)).body);
    if (rules) return { rules, tip, ...common };
  } catch (cause) {
    throw new CwfError('PROTECT_UNREADABLE', { ref: PROTECT_REF }, { cause });
  }
  throw new CwfError('PROTECT_UNREADABLE', { ref: PROTECT_REF });
}

/** The file that holds rules, and its text. */
export function rulesFile(rules: readonly ProtectRule[]): { readonly path: string; readonly bytes: Buffer } {
  const sorted = [...rules].sort((a, b) => (a.branch < b.branch ? -1 : 1));
  const lines = sorted.map((rule) => `  ${canonicalJson(rule as unknown as Json)}`).join(',\n');
  return { path: FILE, bytes: Buffer.from(`{"rules": [${lines === '' ? '' : `\n${lines}\n`}]}\n`) };
}

/** Every rule that a branch (full name) falls under. */
export function rulesOf({ rules, defaults, defaultBranch }: Protection, ref: string): ProtectRule[] {
  if (!ref.startsWith(HEADS)) return [];
  const name = fold(ref.slice(HEADS.length));
  return rules.filter(({ branch }) =>
    branch === DEFAULT_BRANCH
      ? defaultBranch === undefined || defaults.some((one) => fold(one) === fold(ref))
      : patternOf(branch).test(name),
  );
}

/**
 * Refuses what the actor of a transaction may not do. `proposeOnly`: a caller who may only propose, be it a person.
 * Throws BRANCH_PROTECTED, PROTECT_DENIED, PROPOSE_ONLY.
 */
export async function checkProtection(repo: Repo, meta: TransactionMeta, tx: Transaction): Promise<void> {
  const moved = [...tx.refs.values()].filter((change) => change.old !== change.new).map(({ ref }) => ref);
  if (meta.proposeOnly) checkProposes(meta, tx, moved);
  if (!isAgent(meta.actor)) return;
  const { actor, command } = meta;
  if (moved.includes(PROTECT_REF)) throw new CwfError('PROTECT_DENIED', { actor, what: 'change the rules' });
  if (moved.includes(notesRef('review')))
    throw new CwfError('PROTECT_DENIED', { actor, what: 'take back lines of reviews' });
  checkLines(actor, tx);
  const here = tx.files.size + tx.index.size > 0 && !moved.includes('HEAD') ? [branchAt(repo)] : [];
  const branches = [...moved, ...here].filter((ref) => ref?.startsWith(HEADS)) as string[];
  if (branches.length > 0) await checkBranches(repo, actor, command, branches);
}

/** Refuses an agent a branch (full name; HEAD's without one): for what is kept beside refs, as an open merge. */
export async function checkBranch(repo: Repo, actor: string, command: string, ref = branchAt(repo)): Promise<void> {
  if (isAgent(actor) && ref !== undefined) await checkBranches(repo, actor, command, [ref]);
}

/** Whether an actor is an agent: then rules hold for it, and its approval is none. */
export function isAgent(actor: string): boolean {
  return /^agent(\/|$)/.test(actor);
}

/** Why a text is no pattern of branches, or undefined. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern === DEFAULT_BRANCH) return undefined;
  if (pattern === '' || pattern.length > 200) return pattern === '' ? 'it is empty' : 'it is over 200 characters';
  if (pattern.startsWith('refs/')) return 'it starts with refs/: a branch goes by its short name';
  if (/[\u0000-\u0020\u007f~^:?[\\]/.test(pattern)) return 'it has a space, a control character or one of ~^:?[\\';
  if (/\*\*\*|\/\/|^\/|\/$/.test(pattern)) return 'no branch has such a name';
  if ((pattern.match(/\*+/g) ?? []).length > 4) return 'it has more than 4 stars';
  return undefined;
}

async function checkBranches(repo: Repo, actor: string, command: string, refs: readonly string[]): Promise<void> {
  const protection = await readProtection(repo);
  for (const ref of refs) {
    const [rule] = rulesOf(protection, ref);
    if (rule === undefined) continue;
    const name = ref.slice(HEADS.length);
    throw new CwfError('BRANCH_PROTECTED', { actor, command, branch: name, rule: rule.branch });
  }
}

/** What a caller with the scope `propose` leaves behind: proposals, and lines of notes. */
function checkProposes({ actor }: TransactionMeta, tx: Transaction, moved: readonly string[]): void {
  const other = moved.find((ref) => !ref.startsWith(PROPOSAL_REFS) && !ref.startsWith('refs/cwf/catalog'));
  if (other !== undefined) throw new CwfError('PROPOSE_ONLY', { actor, what: `move ${other}` });
  if (tx.files.size + tx.index.size > 0) throw new CwfError('PROPOSE_ONLY', { actor, what: 'write working files' });
}

/** A line of a review says who wrote it: an agent cannot say that it was somebody else. */
function checkLines(actor: string, tx: Transaction): void {
  for (const [lines, what] of [
    [tx.notes, "write a line of a review in another's name"],
    [tx.droppedNotes, 'take back what another said in a review'],
  ] as const)
    for (const line of [...(lines.get('review')?.values() ?? [])].flat())
      if (actorOfLine(line) !== actor) throw new CwfError('PROTECT_DENIED', { actor, what });
}

/** Who a line says wrote it; a line that is no fact is a person's. */
function actorOfLine(line: string): Json | undefined {
  try {
    const fact = parseJson(line, { source: 'note' });
    return isObject(fact) ? fact['actor'] : undefined;
  } catch {
    return undefined;
  }
}

function branchAt({ gitDir }: Pick<Repo, 'gitDir'>): string | undefined {
  const head = readRawRef(gitDir, 'HEAD');
  return head?.startsWith('ref: ') ? head.slice(5) : undefined;
}

/**
 * What `@default` stands for: the name the remote gives, and `main` and `master` in any case, so that no branch made
 * beside it takes its place. `known`: the first that is there; without one it stands for every branch, since nobody
 * knows which.
 */
function defaultsOf(gitDir: string): { readonly names: readonly string[]; readonly known?: string } {
  const remote = readRawRef(gitDir, 'refs/remotes/origin/HEAD');
  const said = /^ref: refs\/remotes\/origin\/(.+)$/.exec(remote ?? '')?.[1];
  const names = [...(said === undefined ? [] : [said]), 'main', 'master'].map((name) => HEADS + name);
  const known = names.find((name) => readRef(gitDir, name) !== undefined);
  return known === undefined ? { names } : { names, known };
}

function readRules(body: Buffer): ProtectRule[] | undefined {
  const json = parseJson(body, { source: FILE });
  const list = isObject(json) ? json['rules'] : undefined;
  if (!Array.isArray(list)) return undefined;
  const rules = list.map(readRule);
  return rules.every((rule) => rule !== undefined) ? rules : undefined;
}

function readRule(json: Json): ProtectRule | undefined {
  if (!isObject(json)) return undefined;
  const { branch, approvals, checks } = json as JsonObject;
  const isCheck = (one: Json): one is RequiredCheck => (REQUIRED_CHECKS as readonly Json[]).includes(one);
  if (typeof branch !== 'string' || patternProblem(branch) !== undefined) return undefined;
  if (typeof approvals !== 'number' || !Number.isInteger(approvals) || approvals < 0) return undefined;
  return Array.isArray(checks) && checks.every(isCheck) ? { branch, approvals, checks } : undefined;
}

/** `*` stands for a part of a name without slashes, `**` for any. */
function patternOf(pattern: string): RegExp {
  const parts = fold(pattern)
    .split(/(\*\*|\*)/)
    .map((part) => (part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${parts.join('')}$`, 's');
}

/** Names that are one file on some disks are one branch. */
function fold(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
