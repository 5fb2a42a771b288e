import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { type Finding, finding } from './fsck-finding.ts';
import { allPackedOids, hasPacked, readPacked } from './packs.ts';
import { decodeTree } from './tree-object.ts';

/** What the object checks need of a repository. */
export interface ObjectReader {
  readonly gitDir: string;
  readonly cwfDir: string;
  readObject(oid: string): Promise<{ type: string; body: Buffer }>;
}

/**
 * Reads every object, loose and packed, and compares its hash. `repair` deletes loose objects of no bytes and sets
 * damaged ones aside: as long as such a file stands, neither git nor isomorphic-git would write the object again.
 */
export async function* checkObjects(repo: ObjectReader, repair: boolean): AsyncGenerator<Finding> {
  for (const { oid, path } of looseObjects(repo.gitDir)) {
    const bytes = readFileSync(join(repo.gitDir, path));
    const reason = bytes.length === 0 ? 'is empty' : damageOf(oid, bytes);
    if (reason === undefined) continue;
    const repaired = repair ? setAside(repo, path, oid, bytes.length === 0) : undefined;
    yield finding(bytes.length === 0 ? 'OBJECT_EMPTY' : 'OBJECT_DAMAGED', `object ${oid} ${reason}`, {
      path,
      oid,
      repaired,
    });
  }
  for (const oid of allPackedOids(repo.gitDir)) {
    try {
      await readPacked(repo.gitDir, oid);
    } catch (error) {
      yield finding('OBJECT_DAMAGED', error instanceof Error ? error.message : String(error), {
        path: 'objects/pack',
        oid,
      });
    }
  }
}

/** Walks what commits, trees and tags name; each object once over all calls. */
export class Closure {
  private readonly repo: ObjectReader;
  private readonly seen = new Set<string>();
  private readonly complete = new Set<string>();
  private readonly shallow: ReadonlySet<string>;

  constructor(repo: ObjectReader) {
    this.repo = repo;
    this.shallow = shallowCommits(repo.gitDir);
  }

  /** Yields a finding for every object below `start` that is missing, and for every tree entry no checkout may write. */
  async *check(start: string, from: string): AsyncGenerator<Finding> {
    for await (const { oid, from: by, bad, isMissing } of this.visit(start, from, this.seen)) {
      if (isMissing) yield finding('OBJECT_MISSING', `object ${oid}, named by ${by}, is missing or damaged`, { oid });
      for (const name of bad)
        yield finding('TREE_ENTRY', `tree ${oid} holds an entry named ${JSON.stringify(name)}`, { oid });
    }
  }

  /** Whether everything below an object is here. */
  async isComplete(start: string): Promise<boolean> {
    const visited = new Set(this.complete);
    for await (const { isMissing } of this.visit(start, 'a reflog', visited)) if (isMissing) return false;
    for (const oid of visited) this.complete.add(oid);
    return true;
  }

  /** Yields the objects at and below `start` that are missing or hold bad names, none that is in `visited`. */
  private async *visit(
    start: string,
    by: string,
    visited: Set<string>,
  ): AsyncGenerator<{ oid: string; from: string; bad: string[]; isMissing: boolean }> {
    const open = [{ oid: start, from: by, isBlob: false }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { oid, from, isBlob } = next;
      if (visited.has(oid)) continue;
      visited.add(oid);
      const children = isBlob ? (this.has(oid) ? [] : undefined) : await this.childrenOf(oid);
      const bad = (children ?? []).flatMap((child) => child.bad ?? []);
      if (children === undefined || bad.length > 0) yield { oid, from, bad, isMissing: children === undefined };
      for (const child of children ?? []) open.push({ oid: child.oid, from: oid, isBlob: child.isBlob });
    }
  }

  // Blobs are many and large, and were hashed by `checkObjects`: being there is enough.
  private has(oid: string): boolean {
    return existsSync(join(this.repo.gitDir, loosePath(oid))) || hasPacked(this.repo.gitDir, oid);
  }

  private async childrenOf(oid: string): Promise<{ oid: string; isBlob: boolean; bad?: string }[] | undefined> {
    const found = await this.repo.readObject(oid).catch(() => undefined);
    if (found === undefined) return undefined;
    if (found.type === 'tree') {
      const entries = decodeTree(oid, found.body).filter((entry) => entry.mode !== '160000');
      return entries.map((e) => ({
        oid: e.oid,
        isBlob: e.mode !== '40000',
        bad: isForbidden(e.name) ? e.name : undefined,
      }));
    }
    const head = found.type === 'blob' ? '' : found.body.toString('latin1').split('\n\n', 1)[0]!;
    const named = [...head.matchAll(/^(tree|parent|object) ([0-9a-f]{40})$/gm)];
    return named
      .filter((match) => match[1] !== 'parent' || !this.shallow.has(oid))
      .map((match) => ({ oid: match[2]!, isBlob: false }));
  }
}

function* looseObjects(gitDir: string): Generator<{ oid: string; path: string }> {
  const objects = join(gitDir, 'objects');
  for (const folder of readdirSync(objects)
    .filter((name) => /^[0-9a-f]{2}$/.test(name))
    .sort()) {
    for (const name of readdirSync(join(objects, folder)).sort()) {
      if (/^[0-9a-f]{38}$/.test(name)) yield { oid: folder + name, path: `objects/${folder}/${name}` };
    }
  }
}

function damageOf(oid: string, bytes: Buffer): string | undefined {
  try {
    const raw = inflateSync(bytes);
    const header = /^(blob|tree|commit|tag) (\d+)\0/.exec(raw.toString('latin1', 0, 40));
    if (header === null || Number(header[2]) !== raw.length - header[0].length)
      return 'has a header that does not fit it';
    const hash = createHash('sha1').update(raw).digest('hex');
    return hash === oid ? undefined : `has the hash ${hash}`;
  } catch (error) {
    return `cannot be inflated: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function setAside(repo: ObjectReader, path: string, oid: string, isEmpty: boolean): string {
  if (isEmpty) {
    unlinkSync(join(repo.gitDir, path));
    return 'deleted the empty file';
  }
  const folder = join(repo.cwfDir, 'damaged');
  mkdirSync(folder, { recursive: true });
  renameSync(join(repo.gitDir, path), join(folder, oid));
  return `moved to cwf/damaged/${oid}`;
}

function isForbidden(name: string): boolean {
  return name === '' || name === '.' || name === '..' || name.toLowerCase() === '.git' || /[/\0]/.test(name);
}

function shallowCommits(gitDir: string): Set<string> {
  try {
    return new Set(readFileSync(join(gitDir, 'shallow'), 'utf8').split('\n'));
  } catch {
    return new Set();
  }
}

function loosePath(oid: string): string {
  return join('objects', oid.slice(0, 2), oid.slice(2));
}
