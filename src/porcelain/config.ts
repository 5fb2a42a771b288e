import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { CwfError, isCwfError } from '../base/errors.ts';
import { serverUrl } from '../io/runner/comfyui/address.ts';
import { keyInSettings } from './secrets.ts';

/** Which language model may propose repairs, and within which bounds. The key itself never stands here. */
export interface LlmConfig {
  /** Base of an OpenAI-compatible API, up to and with its version. */
  readonly url: string;
  /** The name of the model there. */
  readonly model: string;
  /** The environment variable that holds the key; null for a server that wants none. */
  readonly key_env: string | null;
  /** Seconds one question may take, with its repetitions. */
  readonly timeout_s: number;
  /** Tokens one answer may have. */
  readonly max_tokens: number;
  /** Tokens one command may spend, questions and answers together. */
  readonly budget_tokens: number;
}

/** What metrics need beside images. */
export interface MetricConfig {
  /** A folder of models, which is looked through first; relative to the working tree. */
  readonly models_dir: string | null;
  /** The program that decodes videos: a name, or an absolute path outside of the working tree. */
  readonly ffmpeg: string | null;
}

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
  /** The language model; null for none, which is all that cwf needs. */
  readonly llm: LlmConfig | null;
  /** `model`: whether `cwf repair` asks the language model without `--model`. */
  readonly repair: { readonly model: boolean };
  readonly metrics: MetricConfig;
  /** What the pre-commit hook of git does about new errors of a graph. */
  readonly validate: 'warn' | 'block' | 'off';
  /** What becomes of outputs of runs. */
  readonly outputs: OutputSettings;
  /** ComfyUI servers that may be asked to run something; no others ever are. */
  readonly runners: readonly RunnerConfig[];
  /** Where `cwf serve` listens. */
  readonly serve: ServeSettings;
}

/** The keys of `serve` in `.cwfrc`. Who reaches the server is never said by a file that may come from others. */
export interface ServeSettings {
  /** 0 for any free one, null for the first free one from 8190 on. */
  readonly port: number | null;
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

/** One ComfyUI server. */
export interface RunnerConfig {
  readonly name: string;
  readonly url: string;
  /** The environment variable that holds its token. */
  readonly token_env: string | null;
}

export const DEFAULT_CONFIG: Config = {
  actor: 'person',
  durability: 'durable',
  ignore: [],
  secrets: 'block',
  llm: null,
  repair: { model: false },
  metrics: { models_dir: null, ffmpeg: null },
  validate: 'warn',
  outputs: { max_gb: null, keep: 'all', pointers: false },
  runners: [],
  serve: { port: null },
};

/** Names of runners that cwf has itself. */
const OWN_RUNNERS: readonly string[] = ['embedded', 'simulated'];

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
    llm: z
      .strictObject({
        url: z.string().refine(isApiUrl, 'an http or https address without a password, e.g. http://127.0.0.1:11434/v1'),
        model: z.string().min(1).max(200),
        key_env: z
          .string()
          .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')
          .nullable()
          .default(null),
        timeout_s: z.number().min(1).max(MAX_TIMEOUT_S).default(60),
        max_tokens: z.int().min(16).max(32_768).default(2048),
        budget_tokens: z.int().min(16).max(10_000_000).default(20_000),
      })
      .nullable()
      .default(null),
    repair: z.strictObject({ model: z.boolean().default(false) }).default(DEFAULT_CONFIG.repair),
    metrics: z
      .strictObject({
        models_dir: z.string().min(1).max(MAX_PATH).nullable().default(null),
        ffmpeg: z
          .string()
          .max(MAX_PATH)
          .refine(isProgram, 'the name of a program, or its absolute path')
          .nullable()
          .default(null),
      })
      .default(DEFAULT_CONFIG.metrics),
    validate: z.enum(['warn', 'block', 'off']).default(DEFAULT_CONFIG.validate),
    outputs: z
      .strictObject({
        max_gb: z.number().positive().nullable().default(DEFAULT_CONFIG.outputs.max_gb),
        keep: z.enum(['all', 'noted']).default(DEFAULT_CONFIG.outputs.keep),
        pointers: z.boolean().default(DEFAULT_CONFIG.outputs.pointers),
      })
      .default(DEFAULT_CONFIG.outputs),
    runners: z
      .array(
        z.strictObject({
          name: z
            .string()
            .regex(/^[a-z\d][\w.-]{0,63}$/i, 'a name of letters, digits, dots, dashes and underscores')
            .refine((name) => !OWN_RUNNERS.includes(name), 'cwf has a runner of that name itself'),
          url: z.string().superRefine((url, context) => {
            const reason = whyNoServer(url);
            if (reason !== undefined) context.addIssue({ code: 'custom', message: reason });
          }),
          token_env: z
            .string()
            .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')
            .nullable()
            .default(null),
        }),
      )
      .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'two runners have one name')
      .default([]),
    serve: z.strictObject({ port: z.int().min(0).max(65_535).nullable().default(null) }).default(DEFAULT_CONFIG.serve),
  });
  let json: unknown;
  try {
    json = JSON.parse(withoutComments(text));
  } catch (error) {
    throw new CwfError('CONFIG_INVALID', { source, reason: (error as Error).message }, { cause: error });
  }
  const place = keyInSettings(json);
  if (place !== undefined) {
    throw new CwfError(
      'CONFIG_INVALID',
      { source, reason: `${place}: a key does not belong in this file` },
      { hint: KEY_HINT },
    );
  }
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const issue = read.error.issues[0]!;
  const at = issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  throw new CwfError('CONFIG_INVALID', { source, reason: `${at}${issue.message}` });
}

/** Node's own client gives up on an answer that has not begun by then. */
const MAX_TIMEOUT_S = 300;
const MAX_PATH = 4096;
const KEY_HINT =
  'Put it into an environment variable, name that variable in llm.key_env, and get a new key if anybody else could read the file.';

/** Whether a text is the base address of an API; one with a user, a password or a query would bring a key along. */
export function isApiUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === '';
}

function whyNoServer(url: string): string | undefined {
  try {
    serverUrl(url);
    return undefined;
  } catch (error) {
    if (isCwfError(error, 'RUNNER_URL')) return error.message;
    throw error;
  }
}

/** A program is never one that a relative path finds in the repository, whose files may come from others. */
function isProgram(text: string): boolean {
  return isAbsolute(text) || /^[^-/\\.][^/\\]*$/.test(text);
}

/** Blanks out comments of both kinds and commas before a closing bracket; texts are left alone. */
function withoutComments(text: string): string {
  return text
    .replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_all, quoted: string | undefined) => quoted ?? ' ')
    .replace(/("(?:[^"\\]|\\.)*")|,(\s*[\]}])/g, (_all, quoted: string | undefined, end: string) => quoted ?? end);
}
