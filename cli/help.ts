import { type Command, type Config, Help } from '@oclif/core';
import { CwfError } from '../src/base/errors.ts';
import type { AnyCommand } from './command.ts';
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

const MOST_COLUMNS = 100;

const FOOTER = `MORE
  cwf help <command>     flags, arguments and examples of one command
  cwf help exit-codes    what the exit code of a command means
  cwf demo               the whole story on a real workflow, in a temporary folder
`;

/** oclif's help with the pages of cwf; prints on stdout. */
export class CwfHelp extends Help {
  private text = '';

  constructor(config: Config) {
    super(config, { hideCommandSummaryInDescription: true, maxWidth: MOST_COLUMNS });
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

  override formatCommand(command: Command.Loadable): string {
    const { list } = command as Command.Loadable & Pick<AnyCommand, 'list'>;
    const text = super.formatCommand(command);
    return list ? `${text}\n\n${list.title.toUpperCase()}\n${list.rows.map(rowText).join('\n')}` : text;
  }

  protected override log(...lines: string[]): void {
    this.text += `${lines.join(' ')}\n`;
  }
}

/** A term over its text; a long term goes on below, set in. */
function rowText([term, text]: readonly [string, string]): string {
  const lines: string[] = [];
  for (const word of term.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < MOST_COLUMNS) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${lines.length === 0 ? '  ' : '      '}${word}`);
  }
  return [...lines, `    ${text}`].join('\n');
}
