import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CwfError } from '../base/errors.ts';

/** The keys of `.cwfrc`, each with its default filled in; `.cwfrc.example` tells what they do. */
export interface Config {
  /** Who acts when neither `--actor` nor `CWF_ACTOR` says so. */
  readonly actor: string;
  /** `durable` waits for the disk before a commit is acknowledged. */
  readonly durability: 'durable' | 'normal';
  /** More files to leave alone, in the words of `.gitignore`. */
  readonly ignore: readonly string[];
  /** Whether a value that looks like a key or password stops a commit. */
  readonly secrets: 'block' | 'allow';
  /** What becomes of outputs of runs. */
  readonly outputs: OutputSettings;
}

/** The keys of `outputs` in `.cwfrc`. */
export interface OutputSettings {
  /** Room for outputs, in GB (1e9 bytes); null is no limit. Only garbage collection looks at it. */
  readonly max_gb: number | null;
  /** What garbage collection keeps while there is room: `all`, or `noted`: what a note or a pointer file names. */
  readonly keep: 'all' | 'noted';
  /** Whether an export writes a git-lfs pointer in place of the bytes. */
  readonly pointers: boolean;
}

export const DEFAULT_CONFIG: Config = {
  actor: 'person',
  durability: 'durable',
  ignore: [],
  secrets: 'block',
  outputs: { max_gb: null, keep: 'all', pointers: false },
};

/** Reads `.cwfrc` (JSON with comments) from the top of the working tree; defaults without one. Throws CONFIG_INVALID. */
export async function readConfig(workDir: string): Promise<Config> {
  const path = join(workDir, '.cwfrc');
  let text: string;
  try {
    if (!(await stat(path)).isFile()) throw new Error('it is no plain file');
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return DEFAULT_CONFIG;
    throw new CwfError('CONFIG_INVALID', { source: '.cwfrc', reason: (error as Error).message }, { cause: error });
  }
  return parseConfig(text, '.cwfrc');
}

/** Checks the text of a `.cwfrc` against the schema. Throws CONFIG_INVALID with the key that is wrong. */
export async function parseConfig(text: string, source: string): Promise<Config> {
  const { z } = await import('zod');
  const schema = z.strictObject({
    actor: z.string().default(DEFAULT_CONFIG.actor),
    durability: z.enum(['durable', 'normal']).default(DEFAULT_CONFIG.durability),
    ignore: z.array(z.string()).default([]),
    secrets: z.enum(['block', 'allow']).default(DEFAULT_CONFIG.secrets),
    outputs: z
      .strictObject({
        max_gb: z.number().positive().nullable().default(DEFAULT_CONFIG.outputs.max_gb),
        keep: z.enum(['all', 'noted']).default(DEFAULT_CONFIG.outputs.keep),
        pointers: z.boolean().default(DEFAULT_CONFIG.outputs.pointers),
      })
      .default(DEFAULT_CONFIG.outputs),
  });
  let json: unknown;
  try {
    json = JSON.parse(withoutComments(text));
  } catch (error) {
    throw new CwfError('CONFIG_INVALID', { source, reason: (error as Error).message }, { cause: error });
  }
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const issue = read.error.issues[0]!;
  const at = issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  throw new CwfError('CONFIG_INVALID', { source, reason: `${at}${issue.message}` });
}

/** Blanks out comments of both kinds and commas before a closing bracket; texts are left alone. */
function withoutComments(text: string): string {
  return text
    .replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_all, quoted: string | undefined) => quoted ?? ' ')
    .replace(/("(?:[^"\\]|\\.)*")|,(\s*[\]}])/g, (_all, quoted: string | undefined, end: string) => quoted ?? end);
}
