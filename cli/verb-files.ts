import type { Program } from './main.ts';
import type { Verb } from './verb.ts';

/** Name of the built file of a command: `op log` is `op-log`. */
export function verbFile(name: string): string {
  return name.replaceAll(' ', '-');
}

/** Loads the built file of a command. */
export function loadVerb(name: string): Promise<Verb> {
  return load(`./verb/${verbFile(name)}.cjs`) as Promise<Verb>;
}

/** Loads the part that works with oclif. */
export function loadMain(): Promise<Program> {
  return load('./main.cjs') as Promise<Program>;
}

/** A name that is no literal: the bundler leaves it a file of its own. */
function load(file: string): Promise<unknown> {
  return import(file);
}
