import { parseJson } from '../base/json-parse.ts';
import { canonicalJson } from '../base/json-text.ts';
import type { Transaction } from '../io/repo/repo.ts';
import type { Context } from './context.ts';

const PREFIX = 'refs/cwf/catalog/';

/** The ref that keeps the node definitions with this digest in the repository. */
export function catalogRef(hash: string): string {
  return PREFIX + hash.slice(0, 16);
}

/** Whether a ref keeps node definitions: it names a blob, no commit. */
export function isCatalogRef(ref: string): boolean {
  return ref.startsWith(PREFIX);
}

/**
 * Stages the node definitions a commit is made with, once per repository: its patch names widgets by them, and must
 * mean the same when cwf ships others. [RP-13]
 */
export async function stageCatalog(ctx: Context, tx: Transaction): Promise<void> {
  const ref = catalogRef(ctx.catalog.hash);
  if ((await ctx.repo.readRef(ref)) !== undefined) return;
  tx.setRef(ref, await tx.writeBlob(Buffer.from(canonicalJson(ctx.catalog.toJson()))), null);
}

/**
 * The context in which documents are read with the node definitions a commit was made with: the same one when they are
 * those at hand, undefined when the repository does not have them (a clone of branches alone).
 */
export async function withCatalogOf(ctx: Context, hash: string): Promise<Context | undefined> {
  if ((await ctx.loadCatalog()).hash === hash) return ctx;
  const oid = await ctx.repo.readRef(catalogRef(hash));
  if (oid === undefined) return undefined;
  const { catalogFromJson } = await import('../core/catalog/catalog.ts');
  const source = `the catalog ${hash.slice(0, 16)}`;
  const bytes = (await ctx.repo.readObject(oid)).body;
  const catalog = catalogFromJson(parseJson(bytes, { source, maxBytes: bytes.length, maxKeys: 100_000 }));
  if (catalog.hash !== hash) return undefined;
  return Object.create(ctx, {
    // Documents read so far are kept per repository object, and were named by other definitions.
    repo: { value: Object.create(ctx.repo), enumerable: true },
    catalog: { value: catalog, enumerable: true },
    loadCatalog: { value: async () => catalog, enumerable: true },
  });
}
