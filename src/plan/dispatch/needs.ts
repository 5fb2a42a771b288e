import { isObject, type Json, type JsonObject } from '../../base/json.ts';

/** What a server must have to run a prompt. */
export interface Needs {
  readonly classes: readonly string[];
  /** Model files, under `Class.input`. */
  readonly files: readonly { readonly input: string; readonly file: string }[];
}

/** What a server has: its classes, and the files that its inputs offer under `Class.input`. */
export interface Has {
  readonly classes: ReadonlySet<string>;
  readonly files: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Endings of files with weights; what else looks like a file is the business of the server. */
const MODEL = /\.(safetensors|sft|ckpt|pt|pt2|pth|bin|gguf|onnx|pkl)$/i;

/** Reads off a prompt (API format) what a server must have. */
export function needsOf(prompt: JsonObject): Needs {
  const classes = new Set<string>();
  const files: { input: string; file: string }[] = [];
  for (const node of Object.values(prompt)) {
    if (!isObject(node) || typeof node.class_type !== 'string') continue;
    const { class_type: name, inputs } = node;
    classes.add(name);
    for (const [key, value] of Object.entries(isObject(inputs) ? inputs : {})) {
      if (isModel(value)) files.push({ input: `${name}.${key}`, file: value });
    }
  }
  return { classes: [...classes].sort(), files };
}

/** What a server lacks: classes, and files of inputs whose list it gives. Empty where it can run the prompt. */
export function lacking(needs: Needs, has: Has): string[] {
  const classes = needs.classes.filter((name) => !has.classes.has(name));
  const files = needs.files.filter(({ input, file }) => has.files.get(input)?.has(file) === false);
  return [...classes, ...new Set(files.map(({ file }) => file))];
}

/** The models of a prompt as one text: servers that ran the same ones last have them loaded. */
export function modelsOf({ files }: Needs): string {
  return [...new Set(files.map(({ file }) => file))].sort().join('\n');
}

function isModel(value: Json | undefined): value is string {
  return typeof value === 'string' && MODEL.test(value);
}
