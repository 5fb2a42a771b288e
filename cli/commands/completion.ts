import { defineCommand } from '../command.ts';
import { completionScript, SHELLS } from '../completion-scripts.ts';

export const command = defineCommand({
  name: 'completion',
  summary: 'Print the completion script of a shell',
  description:
    'Branches, tags, commands, flags and workflow files complete with the TAB key once the script is loaded.',
  examples: [
    ['bash, in ~/.bashrc', 'source <(cwf completion bash)'],
    ['zsh, in ~/.zshrc', 'source <(cwf completion zsh)'],
    ['fish', 'cwf completion fish > ~/.config/fish/completions/cwf.fish'],
  ],
  args: { shell: { description: 'your shell', required: true, options: SHELLS } },
  async run({ args }, io) {
    const script = completionScript(args.shell);
    io.result('cwf.completion/1', { shell: args.shell, script }, () => io.print(script.trimEnd()));
  },
});
