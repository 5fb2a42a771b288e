import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { CwfError, isCwfError } from '../base/errors.ts';
import { isObject, type Json } from '../base/json.ts';
import { type Catalog, defaultCatalog } from '../core/catalog/catalog.ts';
import { validateAsEngine } from '../core/validate/engine/validate-as-engine.ts';
import type { Folders } from '../io/runner/embedded/operation.ts';
import { readPrompt } from '../io/runner/embedded/prompt.ts';
import { serveEngine } from '../io/runner/embedded/serve.ts';
import type { PromptRequest, Verdict } from '../io/runner/embedded/server/routes.ts';
import { engineWorkerFile } from '../io/runner/embedded/worker-file.ts';

/** Where the embedded engine listens, reads and writes. */
export interface EngineInput {
  /** 0 for any free one. */
  readonly port: number;
  /** Folders, relative to the one worked in; made where they are missing. */
  readonly output: string;
  readonly input: string;
}

/** A server that runs until it is closed. */
export interface RunningEngine {
  readonly url: string;
  readonly folders: Folders;
  /** The version of ComfyUI whose classes and validation it has. */
  readonly engine: string;
  /** Ends what runs and what waits, and removes the temporary folder. */
  close(): Promise<void>;
}

/**
 * Starts the embedded engine as a ComfyUI server on 127.0.0.1. It is no verb: it has no result, and needs no repository.
 * Throws ENGINE_PORT where the port is taken, STORAGE_FAILED for a folder that cannot be made.
 */
export async function startEngine(input: EngineInput, cwd: string): Promise<RunningEngine> {
  const catalog = defaultCatalog();
  const [inputs, output] = [folderAt(cwd, input.input), folderAt(cwd, input.output)];
  const temp = mkdtempSync(join(tmpdir(), 'cwf-engine-'));
  const removeTemp = () => rmSync(temp, { recursive: true, force: true });
  const folders: Folders = { input: inputs, output, temp };
  const validate = (request: PromptRequest) => judge(request, catalog, folders);
  try {
    const server = await serveEngine({ catalog, folders, workerFile: engineWorkerFile(), port: input.port, validate });
    const close = async () => {
      await server.close();
      removeTemp();
    };
    return { url: `http://127.0.0.1:${server.port}`, folders, engine: catalog.engine, close };
  } catch (error) {
    removeTemp();
    throw error;
  }
}

/** The answer of a ComfyUI server; classes that it knows and this engine does not run are told first, all of them. */
function judge(request: PromptRequest, catalog: Catalog, folders: Folders): Verdict {
  const refused = request.prompt === undefined ? undefined : foreignClasses(request.prompt, catalog);
  if (!refused) return validateAsEngine(request, catalog, { files: new FolderFiles(folders) });
  const { message, hint } = refused;
  return {
    status: 400,
    error: { type: 'not_supported', message, details: hint, extra_info: {} },
    node_errors: {},
  };
}

function foreignClasses(prompt: Json, catalog: Catalog): CwfError | undefined {
  if (!isObject(prompt)) return undefined;
  try {
    readPrompt(prompt, catalog);
  } catch (error) {
    if (!isCwfError(error)) throw error;
    // A class that no engine knows is told in ComfyUI's own words.
    const classes = error.code === 'ENGINE_CLASSES' ? (error.data.classes as readonly string[]) : [];
    if (classes.length > 0 && classes.every((name) => catalog.node(name))) return error;
  }
  return undefined;
}

/** The files that prompts read pictures from, listed when a prompt names one; every prompt has a view of its own. */
class FolderFiles extends Map<string, readonly string[]> {
  private readonly folders: Folders;

  constructor(folders: Folders) {
    super();
    this.folders = folders;
  }

  override get(name: string): readonly string[] | undefined {
    if (!Object.hasOwn(this.folders, name)) return undefined;
    const known = super.get(name);
    if (known) return known;
    const files = filesIn(this.folders[name as keyof Folders]);
    this.set(name, files);
    return files;
  }
}

/** Files of a folder and of those in it, with `/` between; links to folders are not followed. */
function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) =>
        relative(folder, join(entry.parentPath ?? entry.path, entry.name))
          .split(sep)
          .join('/'),
      );
  } catch {
    return [];
  }
}

function folderAt(cwd: string, name: string): string {
  const folder = resolve(cwd, name);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    const hint = 'Name another folder with --input or --output.';
    throw new CwfError('STORAGE_FAILED', { path: folder, reason }, { cause: error, hint });
  }
  return folder;
}
