import type { Json } from '../base/json.ts';
import type { JsonPart } from '../base/json-parts.ts';
import type { Catalog } from '../core/catalog/catalog.ts';
import { detectFormat, readWorkflow } from '../core/workflow/read.ts';
import { ReadMemo } from '../core/workflow/read-memo.ts';
import type { Workflow } from '../core/workflow/types.ts';
import type { Repo } from '../io/repo/repo.ts';
import type { Context } from './context.ts';
import { parseFileVersion } from './json-file.ts';

/** Bytes of files that are kept for their next version, as text and as values; the files read first leave first. */
const KEEP = 4 * 1024 * 1024;

interface Reading {
  readonly parts: readonly JsonPart[];
  readonly length: number;
}

const readings = new WeakMap<Repo, FileReadings>();

/** What was read of the working files of a repository, for a process that reads them again and again. */
export function readingsOf(ctx: Pick<Context, 'repo'>): FileReadings {
  const known = readings.get(ctx.repo) ?? new FileReadings();
  readings.set(ctx.repo, known);
  return known;
}

/**
 * Reads the versions of files one after the other: what a version has in common with the one before is the same
 * objects and is not read again. The result is that of reading it alone.
 */
export class FileReadings {
  private readonly files = new Map<string, Reading>();
  private length = 0;
  private memo: ReadMemo | undefined;

  /** The workflow in the bytes of a file; undefined when its JSON is none. Throws what the readers throw. */
  async read(bytes: Uint8Array, file: string, loadCatalog: () => Promise<Catalog>): Promise<Workflow | undefined> {
    const json = this.parse(bytes, file);
    if (detectFormat(json) === undefined) return undefined;
    const catalog = await loadCatalog();
    if (this.memo?.catalog !== catalog) this.memo = new ReadMemo(catalog);
    return readWorkflow(json, { catalog, source: file, memo: this.memo });
  }

  private parse(bytes: Uint8Array, file: string): Json {
    const { value, parts } = parseFileVersion(bytes, file, this.files.get(file)?.parts ?? []);
    this.forget(file);
    this.files.set(file, { parts, length: bytes.length });
    this.length += bytes.length;
    for (const old of this.files.keys()) {
      if (this.length <= KEEP) break;
      this.forget(old);
    }
    return value;
  }

  private forget(file: string): void {
    this.length -= this.files.get(file)?.length ?? 0;
    this.files.delete(file);
  }
}
