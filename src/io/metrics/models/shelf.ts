import type { ModelKind } from '../metric.ts';
import { type ClipModel, loadClip } from './clip.ts';
import { locate } from './files.ts';
import type { ModelManifest, Role } from './manifest.ts';

/** Loaded models; each is loaded once and stays until the shelf is cleared. */
export interface Shelf {
  /** The first model of a kind; undefined when no manifest has that kind. Throws what loading throws. */
  get(kind: ModelKind, manifests: readonly ModelManifest[], folders: readonly string[]): Promise<ClipModel | undefined>;
  /** Releases all of them. */
  clear(): Promise<void>;
}

/** An empty shelf. */
export function openShelf(): Shelf {
  const loaded = new Map<string, Promise<ClipModel>>();
  const checked = new Map<string, string>();
  return {
    async get(kind, manifests, folders) {
      const manifest = manifests.find((each) => each.kind === kind);
      if (!manifest) return undefined;
      const key = JSON.stringify([manifest, folders]);
      const model = loaded.get(key) ?? load(manifest, folders, checked);
      loaded.set(key, model);
      // What failed is tried again: the user may have put the file there meanwhile.
      model.catch(() => loaded.delete(key));
      return model;
    },
    async clear() {
      const models = await Promise.allSettled(loaded.values());
      loaded.clear();
      for (const model of models) if (model.status === 'fulfilled') await model.value.release();
    },
  };
}

async function load(
  manifest: ModelManifest,
  folders: readonly string[],
  checked: Map<string, string>,
): Promise<ClipModel> {
  const files = new Map<Role, string>();
  for (const file of manifest.files) files.set(file.role, await locate(manifest, file, folders, checked));
  return loadClip(manifest, files);
}
