import { VERSION } from '../src/base/version.ts';
import { oclifId, oclifShape } from './base-command.ts';
import type { ArgSpec } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { verbFile } from './verb-files.ts';

/** The content of oclif.manifest.json, made from all declarations by the build. */
export async function oclifManifest(): Promise<object> {
  const commands: Record<string, object> = {};
  for (const [name, load] of Object.entries(COMMANDS)) {
    const { command } = await load();
    const { args, flags } = oclifShape(command);
    const id = oclifId(name);
    commands[id] = {
      id,
      summary: command.summary,
      description: command.description,
      examples: command.examples.map(([description, line]) => ({ description, command: line })),
      args: named(args, (arg) => ({ ...arg, required: command.args?.[arg.name]?.required })),
      flags: named(flags),
      list: command.list,
      hidden: command.hidden,
      strict: !Object.values((command.args ?? {}) as Record<string, ArgSpec>).some((arg) => arg.multiple),
      aliases: [],
      hiddenAliases: [],
      hasDynamicHelp: false,
      pluginName: 'cwf',
      pluginType: 'core',
    };
  }
  return { version: VERSION, commands };
}

/** What the build needs to know of every command: its name, and the names of its built file and its source file. */
export function commandFiles(): { name: string; built: string; source: string }[] {
  return Object.keys(COMMANDS).map((name) => {
    const built = verbFile(name);
    return { name, built, source: built.replace(/^_+/, '') };
  });
}

function named(shapes: Record<string, object>, more = (shape: { name: string }): object => shape) {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, more({ ...shape, name })]));
}
