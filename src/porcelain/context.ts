import { type Catalog, defaultCatalog } from '../core/catalog/catalog.ts';
import { openRepo, type Repo } from '../io/repo/repo.ts';
import { type Actor, parseActor } from './actor.ts';
import { type Config, readConfig } from './config.ts';
import { type Identities, readIdentities } from './identity.ts';

/** What a verb works with: built once per command by `openContext`, from fakes in tests. */
export interface Context {
  readonly repo: Repo;
  /** Folder that paths in the input of a verb are relative to (`paths.ts`). */
  readonly cwd: string;
  /** Loaded at the first look: reading history does not need it. */
  readonly catalog: Catalog;
  /** Who acts: `person`, `agent/<name>` or `tool/<name>`. */
  readonly actor: Actor;
  readonly config: Config;
  /** Environment variables, as given. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  now(): number;
  /** Author and committer of a commit made now: environment, then git's configuration, then a stated fallback. */
  identity(): Promise<Identities>;
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
}

/**
 * Opens the repository that `cwd` lies in, with its `.cwfrc`. The actor is the option, else `CWF_ACTOR`, else the
 * `actor` of `.cwfrc`, else `person`. Throws REPO_NOT_FOUND, CONFIG_INVALID or ACTOR_INVALID.
 */
export async function openContext(options: ContextOptions): Promise<Context> {
  const env = options.env ?? process.env;
  const found = await openRepo(options.cwd);
  const config = await readConfig(found.workDir);
  const repo = config.durability === 'durable' ? found : await openRepo(options.cwd, { durability: config.durability });
  const actor = parseActor(options.actor ?? env['CWF_ACTOR'] ?? config.actor);
  const now = options.now ?? Date.now;
  return {
    repo,
    cwd: options.cwd,
    get catalog() {
      return defaultCatalog();
    },
    actor,
    config,
    env,
    now,
    identity: () => readIdentities(repo.gitDir, env, now()),
    log: options.log ?? (() => {}),
  };
}
