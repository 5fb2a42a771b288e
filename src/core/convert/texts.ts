import type { Page, PageNode, PageScope } from './page.ts';

/** What texts depend on beside the workflow: the page's clock, and its choice among `{a|b|c}`. */
export interface Chance {
  readonly now: Date;
  /** An index below `count`. */
  readonly choose: (count: number) => number;
}

/** Classes whose file names the page fills in when it sends. Source: ComfyUI_frontend, `Comfy.SaveImageExtraOutput`. */
export const SAVING: ReadonlySet<string> = new Set([
  'SaveImage',
  'SaveImageAdvanced',
  'SaveSVGNode',
  'SaveVideo',
  'SaveAnimatedWEBP',
  'SaveWEBM',
  'SaveAudio',
  'SaveAudioMP3',
  'SaveAudioOpus',
  'SaveAudioAdvanced',
  'SaveGLB',
  'Save3DAdvanced',
  'SaveGaussianSplat',
  'SavePointCloud',
  'SaveAnimatedPNG',
  'CLIPSave',
  'VAESave',
  'ModelSave',
  'LoraSave',
  'SaveLatent',
]);

/** The replacements that the page makes in texts when it sends them. */
export class Texts {
  private readonly nodes: readonly PageNode[];
  private readonly chance: Chance;

  constructor(page: Page, chance: Chance) {
    this.nodes = collectNodes(page, page.root);
    this.chance = chance;
  }

  /** `%date:...%` and `%node.widget%` in the name of a file. [CV-16] Source: ComfyUI_frontend, `applyTextReplacements`. */
  replaced(text: string): string {
    return text.replace(/%([^%]+)%/g, (match, inner: string) => {
      const parts = inner.split('.');
      if (parts.length !== 2) return inner.startsWith('date:') ? formatDate(inner.slice(5), this.chance.now) : match;
      const [name, widgetName] = parts;
      const node =
        this.nodes.find((one) => replacementName(one) === name) ?? this.nodes.find(({ title }) => title === name);
      const widget = node?.widgets.find((one) => one.name === widgetName);
      if (!widget) return match;
      return String(widget.value ?? '').replaceAll(/[/?<>\\:*|"\x00-\x1F\x7F]/g, '_');
    });
  }

  /** A text with its comments taken out and one of each `{a|b|c}` chosen; whether there was a choice. [CV-16] */
  chosen(text: string): { readonly text: string; readonly hadChoice: boolean } {
    return new DynamicPrompt(text, this.chance.choose).read();
  }
}

/** The name by which a node is found in `%name.widget%`: what it was given, else its class, which the page gives it. */
function replacementName({ role, classType, properties }: PageNode): unknown {
  const given = properties['Node name for S&R'];
  return given ?? (role === 'real' && !SAVING.has(classType) ? classType : undefined);
}

/** All nodes, those of an instance's definition before what follows the instance; each definition once. */
function collectNodes(page: Page, scope: PageScope, done = new Set<PageScope>()): PageNode[] {
  if (done.has(scope)) return [];
  done.add(scope);
  return [...scope.nodes.values()].flatMap((node) => {
    const definition = node.role === 'instance' ? page.definitions.get(node.classType) : undefined;
    return definition ? [...collectNodes(page, definition, done), node] : [node];
  });
}

/** Source: ComfyUI_frontend, `processDynamicPrompt`. */
class DynamicPrompt {
  private readonly text: string;
  private readonly choose: (count: number) => number;
  private at = 0;
  private hadChoice = false;

  constructor(text: string, choose: (count: number) => number) {
    this.text = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    this.choose = choose;
  }

  read(): { text: string; hadChoice: boolean } {
    let out = '';
    while (this.at < this.text.length) {
      const char = this.text[this.at++]!;
      if (char === '\\') out += this.escaped();
      else out += char === '{' ? this.choice() : char;
    }
    return { text: out.replace(/\\([{}|])/g, '$1'), hadChoice: this.hadChoice };
  }

  private escaped(): string {
    return `\\${this.text[this.at++]}`;
  }

  private choice(): string {
    const options: string[] = [''];
    for (let depth = 0; this.at < this.text.length; ) {
      const char = this.text[this.at++]!;
      if (char === '}' && depth === 0) break;
      if (char === '|' && depth === 0) {
        options.push('');
        continue;
      }
      if (char === '{') depth++;
      else if (char === '}') depth--;
      options[options.length - 1] += char === '\\' ? this.escaped() : char;
    }
    this.hadChoice ||= options.length > 1;
    const inner = new DynamicPrompt(options[this.choose(options.length)] ?? '', this.choose).read();
    this.hadChoice ||= inner.hadChoice;
    return inner.text;
  }
}

const PARTS: Readonly<Record<string, (date: Date) => number>> = {
  d: (date) => date.getDate(),
  M: (date) => date.getMonth() + 1,
  h: (date) => date.getHours(),
  m: (date) => date.getMinutes(),
  s: (date) => date.getSeconds(),
};

/** A date by ComfyUI's letters: `yyyy`, `yy`, `MM`, `dd`, `hh`, `mm`, `ss`; one letter stands without a leading zero. */
function formatDate(format: string, date: Date): string {
  return format.replace(/dd?|MM?|hh?|mm?|ss?|yyy?y?/g, (letters) => {
    if (letters === 'yy') return String(date.getFullYear()).slice(2);
    if (letters === 'yyyy') return String(date.getFullYear());
    const part = PARTS[letters[0]!];
    return part ? String(part(date)).padStart(letters.length, '0') : letters;
  });
}
