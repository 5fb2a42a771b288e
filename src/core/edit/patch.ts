import jsonpatch from 'fast-json-patch';
import { CwfError } from '../../base/errors.ts';
import { isObject, type Json } from '../../base/json.ts';
import { canonicalJson, jsonEqual } from '../../base/json-text.ts';
import { childOf, getAt, isIndex, pointerProblem, splitPointer } from './pointer.ts';

/** One operation of an RFC 6902 patch. Values are shared with the documents they come from: never change them. */
export type PatchOp =
  | { readonly op: 'add'; readonly path: string; readonly value: Json }
  | { readonly op: 'replace'; readonly path: string; readonly value: Json }
  | { readonly op: 'test'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move'; readonly from: string; readonly path: string }
  | { readonly op: 'copy'; readonly from: string; readonly path: string };

/** How far one patch may go. Sizes are in characters of JSON text. */
export interface PatchLimits {
  /** Default 10,000 for a patch that is read; none for one that is applied, since a large change has a large patch. */
  readonly maxOps?: number;
  /** What all `copy` ops together may add; default 3 times the document + 1 MiB, so that it ends at most 4 times as big. */
  readonly maxCopied?: number;
  /** Levels of arrays and objects after any op. Default 72: the keyed form of a file of 64 levels has a few more. */
  readonly maxDepth?: number;
}

/** The ops that change one place; the others are made of them. */
type Change = Extract<PatchOp, { op: 'add' | 'replace' | 'remove' }>;

const MAX_OPS = 10_000;
const MAX_DEPTH = 72;
const MIB = 1024 * 1024;
const MAX_SHOWN = 80;
const HAS_VALUE = ['add', 'replace', 'test'];
const HAS_FROM = ['move', 'copy'];

/**
 * Reads a patch that comes from outside. Stricter than fast-json-patch: pointers must be well formed, required members
 * present, the root untouched. Unknown members are dropped, as RFC 6902 says. Throws PATCH_INVALID, PATCH_TOO_LARGE.
 */
export function readPatch(json: Json, limits: PatchLimits = {}): PatchOp[] {
  if (!Array.isArray(json)) throw new CwfError('PATCH_INVALID', { index: 0, reason: 'a patch is an array of ops' });
  checkCount(json.length, limits.maxOps ?? MAX_OPS);
  return json.map(readOp);
}

/**
 * The document after a patch. Neither argument is changed; the result shares every untouched part with both. All or
 * nothing: throws PATCH_INVALID, PATCH_NOT_FOUND, PATCH_TEST_FAILED or PATCH_TOO_LARGE with the index of the op.
 */
export function applyPatch<T>(doc: T, patch: readonly PatchOp[], limits: PatchLimits = {}): T {
  if (limits.maxOps !== undefined) checkCount(patch.length, limits.maxOps);
  const run = new PatchRun(doc as Json, limits);
  for (let i = 0; i < patch.length; i++) run.apply(patch[i] as PatchOp, i);
  return run.doc as T;
}

/**
 * The patch that undoes a patch of cwf's own making, in which a `test` of the old value stands right before each
 * `remove` and `replace`, and `add` and `move` only create. Such a patch can be inverted without its document, and the
 * inverse of the inverse is the patch itself. Throws PATCH_INVALID where that form is broken (`copy`, a missing `test`).
 */
export function invertPatch(patch: readonly PatchOp[]): PatchOp[] {
  const out: PatchOp[] = [];
  for (let i = patch.length - 1; i >= 0; i--) {
    const op = patch[i] as PatchOp;
    const before = patch[i - 1];
    const old = before?.op === 'test' && before.path === op.path ? before : undefined;
    if (op.op === 'test') {
      // A test on its own looks at a state that both directions pass through.
      out.push(op);
    } else if (op.op === 'add') {
      // With a test before it the add overwrote a member of an object, or moved the elements of an array along.
      if (old !== undefined) throw invalid(i, 'add cannot be inverted where a value was tested before: use replace');
      out.push({ op: 'test', path: op.path, value: op.value }, { op: 'remove', path: op.path });
    } else if (op.op === 'move') {
      if (old !== undefined) throw invalid(i, 'move cannot be inverted where a value was tested before');
      out.push({ op: 'move', from: op.path, path: op.from });
    } else if (op.op === 'copy') {
      throw invalid(i, 'copy cannot be inverted');
    } else {
      if (old === undefined) throw invalid(i, `${op.op} cannot be inverted without a test of the old value before it`);
      if (op.op === 'remove') out.push({ op: 'add', path: op.path, value: old.value });
      else out.push({ ...old, value: op.value }, { ...op, value: old.value });
      i--;
    }
  }
  return out;
}

function checkCount(count: number, limit: number): void {
  if (count > limit) throw new CwfError('PATCH_TOO_LARGE', { what: 'the number of ops', limit });
}

function readOp(json: Json, index: number): PatchOp {
  if (!isObject(json)) throw invalid(index, 'an op is an object');
  const member = (name: string): Json | undefined => (Object.hasOwn(json, name) ? json[name] : undefined);
  const pointer = (name: 'path' | 'from'): string => {
    const value = member(name);
    if (typeof value !== 'string') throw invalid(index, `"${name}" must be a JSON pointer`);
    return value;
  };
  const op = member('op');
  let read: PatchOp;
  if (op === 'add' || op === 'replace' || op === 'test') {
    const value = member('value');
    if (value === undefined) throw invalid(index, `"${op}" needs a "value"`);
    read = { op, path: pointer('path'), value };
  } else if (op === 'remove') {
    read = { op, path: pointer('path') };
  } else if (op === 'move' || op === 'copy') {
    read = { op, from: pointer('from'), path: pointer('path') };
  } else {
    throw invalid(index, op === undefined ? '"op" is missing' : `unknown op ${shorten(op)}`);
  }
  checkOp(read, index);
  return read;
}

/** What can be said about an op without a document; runs again on apply, because patches are also built in code. */
function checkOp(op: PatchOp, index: number): void {
  if (!HAS_VALUE.includes(op.op) && !HAS_FROM.includes(op.op) && op.op !== 'remove') {
    throw invalid(index, `unknown op ${shorten(String(op.op))}`);
  }
  checkPointer(op.path, index);
  if (op.path === '' && op.op !== 'test')
    throw invalid(index, 'a patch cannot put another document in the place of this one');
  if (!('from' in op)) return;
  checkPointer(op.from, index);
  if (op.op === 'move' && op.path.startsWith(`${op.from}/`)) throw invalid(index, `cannot move ${op.from} into itself`);
}

function checkPointer(pointer: string, index: number): void {
  const reason = pointerProblem(pointer);
  if (reason !== undefined) throw invalid(index, `${shorten(pointer)}: ${reason}`);
}

/**
 * One application of one patch. fast-json-patch changes the containers in place, so each container on the way to a
 * change is copied once before (`owned`); its own checks, clones and move/copy are not used: they accept indices past
 * the end, inherited names and bigints that JSON.stringify cannot clone.
 */
class PatchRun {
  doc: Json;
  private owned = new Set<Json>();
  private readonly maxDepth: number;
  private copyLimit: number | undefined;
  private copied = 0;

  constructor(doc: Json, limits: PatchLimits) {
    this.doc = doc;
    this.maxDepth = limits.maxDepth ?? MAX_DEPTH;
    this.copyLimit = limits.maxCopied;
  }

  apply(op: PatchOp, index: number): void {
    checkOp(op, index);
    if (op.op === 'test') this.test(op.path, op.value, index);
    else if (op.op === 'add') this.add(op.path, op.value, index);
    else if (op.op === 'move') this.move(op.from, op.path, index);
    else if (op.op === 'copy') this.copy(op.from, op.path, index);
    else {
      this.existing(op.path, index);
      if (op.op === 'replace') this.checkDepth(op.path, op.value);
      this.write(op, index);
    }
  }

  private test(path: string, expected: Json, index: number): void {
    const actual = getAt(this.doc, this.resolve(path, index));
    if (actual !== undefined && jsonEqual(actual, expected)) return;
    const shown = actual === undefined ? 'nothing' : shorten(actual);
    throw new CwfError('PATCH_TEST_FAILED', { index, path, actual: shown, expected: shorten(expected) });
  }

  private add(path: string, value: Json, index: number): void {
    const parts = this.resolve(path, index);
    const last = parts.pop() as string;
    const parent = getAt(this.doc, parts);
    const fits = Array.isArray(parent) ? last === '-' || Number(last) <= parent.length : isObject(parent);
    if (!fits) throw new CwfError('PATCH_NOT_FOUND', { index, path });
    this.checkDepth(path, value);
    this.write({ op: 'add', path, value }, index);
  }

  private move(from: string, path: string, index: number): void {
    const value = this.existing(from, index);
    if (from === path) return;
    this.write({ op: 'remove', path: from }, index);
    this.add(path, value, index);
  }

  /** Nothing is owned after a copy, because both places now share every container below them. */
  private copy(from: string, path: string, index: number): void {
    const value = this.existing(from, index);
    this.copyLimit ??= 3 * sizeOf(this.doc, Number.POSITIVE_INFINITY) + MIB;
    this.copied += sizeOf(value, this.copyLimit - this.copied);
    if (this.copied > this.copyLimit) {
      throw new CwfError('PATCH_TOO_LARGE', { what: 'the text that its copies add', limit: this.copyLimit, index });
    }
    this.owned = new Set();
    this.add(path, value, index);
  }

  private existing(path: string, index: number): Json {
    const value = getAt(this.doc, this.resolve(path, index));
    if (value === undefined) throw new CwfError('PATCH_NOT_FOUND', { index, path });
    return value;
  }

  /** Splits a pointer; a part that meets an array must be an index (or the last one `-`). */
  private resolve(path: string, index: number): string[] {
    const parts = splitPointer(path);
    let value: Json | undefined = this.doc;
    for (let i = 0; i < parts.length && value !== undefined; i++) {
      const part = parts[i] as string;
      if (Array.isArray(value) && !isIndex(part) && !(part === '-' && i === parts.length - 1)) {
        throw invalid(index, `${shorten(path)}: ${shorten(part)} is not an array index`);
      }
      value = childOf(value, part);
    }
    return parts;
  }

  private checkDepth(path: string, value: Json): void {
    const above = path.split('/').length - 1;
    if (above + depthOf(value, this.maxDepth + 1) > this.maxDepth) {
      throw new CwfError('PATCH_TOO_LARGE', { what: 'the nesting of the document', limit: this.maxDepth });
    }
  }

  /** Copies the containers above the place that are not copied yet, then lets fast-json-patch change the last one. */
  private write(op: Change, index: number): void {
    const parts = this.resolve(op.path, index);
    this.doc = this.own(this.doc);
    let container = this.doc as Record<string, Json>;
    for (const part of parts.slice(0, -1)) {
      const child = this.own(container[part] as Json);
      container[part] = child;
      container = child as Record<string, Json>;
    }
    // A copy of the op: fast-json-patch takes its ops by reference.
    jsonpatch.applyOperation(this.doc, { ...op }, false, true);
  }

  private own(container: Json): Json {
    if (this.owned.has(container)) return container;
    const copy = Array.isArray(container) ? container.slice() : { ...(container as Record<string, Json>) };
    this.owned.add(copy);
    return copy;
  }
}

/** About the length of the JSON text of a value; stops soon after `limit`. */
function sizeOf(value: Json, limit: number): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return String(value).length;
  let size = 2;
  if (Array.isArray(value)) {
    for (const item of value) {
      size += 1 + sizeOf(item, limit - size);
      if (size > limit) break;
    }
    return size;
  }
  for (const key of Object.keys(value)) {
    size += key.length + 4 + sizeOf(value[key] as Json, limit - size);
    if (size > limit) break;
  }
  return size;
}

/** Levels of arrays and objects of a value, 0 for a scalar; never looks deeper than `limit`. */
function depthOf(value: Json, limit: number): number {
  if (typeof value !== 'object' || value === null || limit <= 0) return 0;
  let deepest = 0;
  for (const key of Object.keys(value)) {
    const child = (value as Record<string, Json>)[key] as Json;
    if (typeof child === 'object' && child !== null) deepest = Math.max(deepest, depthOf(child, limit - 1));
  }
  return deepest + 1;
}

/** A value as an error message shows it: canonical text, cut. */
function shorten(value: Json): string {
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, MAX_SHOWN)) : canonicalJson(value);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN - 3).replace(/\p{Surrogate}/gu, '')}...`;
}

function invalid(index: number, reason: string): CwfError {
  return new CwfError('PATCH_INVALID', { index, reason });
}
