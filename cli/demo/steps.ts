/** One step of the demo: a command line with what it must print, or an edit of the file as ComfyUI would save it. */
export interface Step {
  readonly title?: string;
  readonly command?: readonly string[];
  /** Another program than cwf. */
  readonly program?: string;
  readonly exit?: number;
  readonly expect?: readonly string[];
  /** Lines of output shown. */
  readonly most?: number;
  readonly say?: string;
  readonly edit?: (text: string) => string;
}

/** What the user calls good: the demo has no pictures, so a rule about parameters stands for the eye. */
export const CHECK = `import { readFileSync } from 'node:fs';
const workflow = JSON.parse(readFileSync(process.env.CWF_FILE ?? 'portrait.json', 'utf8'));
const sampler = workflow.nodes.find((node) => node.type === 'KSampler');
// Too much guidance with this sampler burns the picture.
process.exit(sampler.widgets_values[3] > 9 && sampler.widgets_values[4] === 'dpmpp_2m' ? 1 : 0);
`;

interface Saved {
  nodes: { id: number; pos: number[]; widgets_values: unknown[] }[];
}

/** Changes the document and shuffles what ComfyUI shuffles in every save. */
function save(change: (workflow: Saved) => void): (text: string) => string {
  return (text) => {
    const workflow = JSON.parse(text) as Saved;
    change(workflow);
    workflow.nodes.reverse();
    return JSON.stringify(workflow);
  };
}

function node(workflow: Saved, id: number): Saved['nodes'][number] {
  return workflow.nodes.find((one) => one.id === id)!;
}

/** The demo, step by step. */
export const steps: readonly Step[] = [
  { title: 'A folder of workflows gets a history', command: ['init'] },
  { command: ['commit', '-m', 'as downloaded'], expect: ['as downloaded', 'portrait.json'] },
  {
    title: 'An agent edits, and says why',
    command: ['set', 'portrait.json', '3.steps', '30', '--actor', 'agent:tuner', '--reason', 'smoother skin'],
    expect: ['steps 20 -> 30'],
  },
  {
    title: 'You edit in ComfyUI: a prompt, and a node moved',
    say: 'portrait.json saved: other prompt, one node moved, all nodes in another order',
    edit: save((workflow) => {
      node(workflow, 6).widgets_values[0] = 'portrait of a lighthouse keeper, golden hour, 85mm';
      node(workflow, 9).pos = [1500, 230];
    }),
  },
  { command: ['status'], expect: ['portrait.json', '1 edit', '1 in the layout'] },
  { command: ['diff'], expect: ['golden hour'] },
  { command: ['commit', '-m', 'golden hour'], expect: ['golden hour'] },
  { title: 'A trial on a branch', command: ['switch', '-c', 'trial/cfg'], expect: ['new branch trial/cfg'] },
  { command: ['set', 'portrait.json', 'KSampler.cfg', '6.5'], expect: ['cfg 7 -> 6.5'] },
  { command: ['switch', 'main'], expect: ['main'] },
  { command: ['set', 'portrait.json', '3.sampler_name', 'dpmpp_2m'], expect: ['"euler" -> "dpmpp_2m"'] },
  { title: 'Two edits of one node merge', command: ['merge', 'trial/cfg'], expect: ['Merged as', 'cfg 7 -> 6.5'] },
  {
    title: 'One edit too many',
    command: ['set', 'portrait.json', '3.cfg', '12', '3.seed', '7', '5.width', '1216', '--actor', 'agent:tuner'],
    expect: ['3 edits', 'cfg 6.5 -> 12'],
  },
  { command: ['set', 'portrait.json', '5.height', '832'], expect: ['height 1024 -> 832'] },
  { command: ['log', '--oneline'], expect: ['as downloaded', 'height 1024 -> 832'] },
  { title: 'Which commit made it bad?', command: ['bisect', 'start', 'HEAD', 'HEAD~5'], expect: ['Test'] },
  {
    command: ['bisect', 'run', '--within', '--', 'node', 'check.mjs'],
    expect: ['First bad commit:', 'cfg 6.5 -> 12', '1 of 3 edits makes it bad'],
    most: 20,
  },
  { command: ['bisect', 'reset'], expect: ['Back on main'] },
  { title: 'Take back that one; keep what came later', command: ['revert', 'HEAD~1'], expect: ['cfg 12 -> 6.5'] },
  { command: ['blame', 'portrait.json', '--input', '3.cfg'], expect: ['cfg'] },
  { title: 'Numbers on commits', command: ['note', 'add', '--metric', 'sharpness=812.4', 'HEAD'] },
  { command: ['log', '-n', '3', '--metric', 'sharpness'], expect: ['812.4'] },
  { title: 'Nothing is lost', command: ['undo'], expect: ['note'] },
  { command: ['undo'], expect: ['revert'] },
  { command: ['redo'], expect: ['revert'] },
  { command: ['op', 'log', '-n', '5'], expect: ['revert'] },
  { title: 'Sound, patch by patch; and a real git repository', command: ['fsck'], expect: ['sound'] },
  { program: 'git', command: ['fsck', '--strict'] },
  { program: 'git', command: ['diff', '--stat', 'HEAD~1'], expect: ['portrait.json'] },
];
