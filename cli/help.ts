import { type Config, Help } from '@oclif/core';
import { CwfError } from '../src/base/errors.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { fdSink } from './output/sink.ts';
import { TOPICS } from './topics.ts';
import { nearest } from './words.ts';

/** Pages of help that are no command. */
const PAGES: Readonly<Record<string, () => string>> = {
  'exit-codes': () =>
    ['Exit codes of cwf', '', ...EXIT_CODES.map(([code, text]) => `  ${String(code).padEnd(6)} ${text}`), ''].join(
      '\n',
    ),
};

const FOOTER = `MORE
  cwf help <command>     flags, arguments and examples of one command
  cwf help exit-codes    what the exit code of a command means
  cwf demo               the whole story on a real workflow, in a temporary folder
`;

/** oclif's help with the pages of cwf; prints on stdout. */
export class CwfHelp extends Help {
  private text = '';

  constructor(config: Config) {
    super(config, { hideCommandSummaryInDescription: true, maxWidth: 100 });
  }

  /** Shows help for a command, a topic, a page, or everything. Returns the exit code. @throws CwfError UNKNOWN_COMMAND */
  async show(words: readonly string[]): Promise<number> {
    const page = PAGES[words.join(' ')];
    const id = words.join(':');
    if (page) this.log(page());
    else if (id === '') await this.showRootHelp();
    else if (this.config.findCommand(id) || this.config.findTopic(id)) await this.showHelp([id]);
    else {
      const commands = this.config.commandIDs.map((each) => each.replaceAll(':', ' '));
      const names = [...commands, ...Object.keys(TOPICS), ...Object.keys(PAGES)];
      throw new CwfError('UNKNOWN_COMMAND', { command: words.join(' '), near: nearest(words.join(' '), names) });
    }
    if (id === '') this.log(FOOTER);
    const out = fdSink(1);
    out.write(this.text.replace(/\n{3,}/g, '\n\n').trimEnd());
    out.write('\n');
    await out.close();
    return 0;
  }

  protected override log(...lines: string[]): void {
    this.text += `${lines.join(' ')}\n`;
  }
}
