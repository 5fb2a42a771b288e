import { statSync } from 'node:fs';
import { CwfError, isCwfError } from '../base/errors.ts';
import type { Catalog } from '../core/catalog/catalog.ts';
import { openRepo, type Repo } from '../io/repo/repo.ts';
import { type Actor, parseActor } from './actor.ts';
import { type Config, readConfig } from './config.ts';
import { type Identities, readIdentities } from './identity.ts';
import type { TokenScope } from './token-scope.ts';

/** What a verb works with: built once per command by `openContext`, from fakes in tests. */
export interface Context {
  readonly repo: Repo;
  /** Folder that paths in the input of a verb are relative to (`paths.ts`). */
  readonly cwd: string;
  /** Node definitions. In a context opened with `lazyCatalog` only there after `loadCatalog`. */
  readonly catalog: Catalog;
  /** Loads the catalog once; call it before reading a document. */
  loadCatalog(): Promise<Catalog>;
  /** Who acts: `person`, `agent/<name>` or `tool/<name>`. */
  readonly actor: Actor;
  /** What the actor may do, where a door has found out who it is; absent on the command line, which may do all. */
  readonly scope?: TokenScope;
  readonly config: Config;
  /** Environment variables, as given. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  now(): number;
  /** Author and committer of a commit made now: environment, then git's configuration, then a stated fallback. */
  identity(): Promise<Identities>;
  /** Transactions are dropped at the end (`dry-run.ts`): whatever else a verb keeps must stay as it is, too. */
  readonly dryRun?: boolean;
  /** Progress for people; never part of the result. */
  log(line: string): void;
}

/** Where and as whom to work. Everything but `cwd` has a default. */
export interface ContextOptions {
  readonly cwd: string;
  readonly actor?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly now?: () => number;
  readonly log?: (line: string) => void;
  /** Leaves the catalog (13 ms) unloaded until a document is read: for verbs that mostly look at commits. */
  readonly lazyCatalog?: boolean;
}

/**
 * Opens the repository that `cwd` lies in, with its `.cwfrc`. The actor is the option, else `CWF_ACTOR`, else the
 * `actor` of `.cwfrc`, else `person`. Throws NOT_A_FOLDER, REPO_NOT_FOUND, CONFIG_INVALID or ACTOR_INVALID.
 */
export async function openContext(options: ContextOptions): Promise<Context> {
  const env = options.env ?? process.env;
  if (!statSync(options.cwd, { throwIfNoEntry: false })?.isDirectory())
    throw new CwfError('NOT_A_FOLDER', { dir: options.cwd });
  const found = await openRepo(options.cwd);
  const config = await readConfig(found.workDir);
  const repo = config.durability === 'durable' ? found : await openRepo(options.cwd, { durability: config.durability });
  const actor = actorOf(options, env, config);
  const now = options.now ?? Date.now;
  let catalog: Catalog | undefined;
  const loadCatalog = async (): Promise<Catalog> => {
    catalog ??= (await import('../core/catalog/catalog.ts')).defaultCatalog();
    return catalog;
  };
  if (!options.lazyCatalog) await loadCatalog();
  return {
    repo,
    cwd: options.cwd,
    get catalog() {
      if (catalog === undefined) throw new CwfError('BUG', { what: 'the catalog was used before it was loaded' });
      return catalog;
    },
    loadCatalog,
    actor,
    config,
    env,
    now,
    identity: async () => readIdentities(repo.gitDir, env, now()),
    log: options.log ?? (() => {}),
  };
}

/** Who acts; the error says where a name that is none came from. */
function actorOf(options: ContextOptions, env: Context['env'], config: Config): Actor {
  if (options.actor !== undefined) return parseActor(options.actor);
  const [source, actor] = env['CWF_ACTOR'] === undefined ? ['.cwfrc', config.actor] : ['CWF_ACTOR', env['CWF_ACTOR']];
  try {
    return parseActor(actor);
  } catch (error) {
    if (!isCwfError(error, 'ACTOR_INVALID')) throw error;
    throw new CwfError(error.code, error.data, { cause: error, hint: `${error.hint} This one stands in ${source}.` });
  }
}
