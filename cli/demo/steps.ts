/** One step of the demo: a command line with what it must print, or an edit of the file as ComfyUI would save it. */
export interface Step {
  readonly title?: string;
  readonly command?: readonly string[];
  /** Another program than cwf. */
  readonly program?: string;
  readonly exit?: number;
  readonly expect?: readonly string[];
  /** Lines of output shown, and those among them that are not: progress. */
  readonly most?: number;
  readonly without?: RegExp;
  readonly say?: string;
  readonly edit?: (text: string) => string;
}

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

/** What a run tells on the way. */
const PROGRESS = /^running|^ +\d+\/\d+ /;

/** The demo, step by step. */
export const steps: readonly Step[] = [
  { title: 'A folder of workflows gets a history', command: ['init'] },
  { command: ['commit', '-m', 'a poster, as drawn'], expect: ['as drawn', 'poster.json'] },
  {
    title: 'An agent edits, and says why',
    command: ['set', 'poster.json', '6.alpha', '0.5', '--actor', 'agent:tuner', '--reason', 'crisper edges'],
    expect: ['alpha 0.2 -> 0.5'],
  },
  {
    title: 'You edit in ComfyUI: a colour, and a node moved',
    say: 'poster.json saved: another tint, one node moved, all nodes in another order',
    edit: save((workflow) => {
      node(workflow, 3).widgets_values[3] = 0xffb45a;
      node(workflow, 7).pos = [1950, 260];
    }),
  },
  { command: ['status'], expect: ['poster.json', '1 edit', '1 in the layout'] },
  { command: ['diff'], expect: ['16757850'] },
  { command: ['commit', '-m', 'golden hour'], expect: ['golden hour'] },
  { title: 'A trial on a branch', command: ['switch', '-c', 'trial/light'], expect: ['new branch trial/light'] },
  { command: ['set', 'poster.json', 'ImageBlend.blend_factor', '0.4'], expect: ['blend_factor 0.2 -> 0.4'] },
  { command: ['switch', 'main'], expect: ['main'] },
  {
    command: ['set', 'poster.json', '4.blend_mode', 'soft_light'],
    expect: ['"multiply" -> "soft_light"'],
  },
  {
    title: 'Two edits of one node merge',
    command: ['merge', 'trial/light'],
    expect: ['Merged as', 'blend_factor 0.2 -> 0.4'],
  },
  {
    title: 'One edit too many',
    command: [
      'set',
      'poster.json',
      '2.upscale_method',
      'bicubic',
      '5.blur_radius',
      '5',
      '6.alpha',
      '0.6',
      '--actor',
      'agent:tuner',
    ],
    expect: ['3 edits', 'blur_radius 1 -> 5'],
  },
  { command: ['set', 'poster.json', '4.blend_factor', '0.5'], expect: ['blend_factor 0.4 -> 0.5'] },
  {
    title: 'Every commit makes its picture; numbers hang on the commits',
    command: ['run', '--all', 'HEAD~5..HEAD', '--metric', 'sharpness'],
    expect: ['finished', '6 commits: 6 finished'],
    without: /: finished on|^6 /,
  },
  { command: ['log', '--oneline', '-n', '3', '--metric', 'sharpness'], expect: ['Merge trial'] },
  {
    title: 'Which commit made it soft, and which edit?',
    command: ['bisect', 'start', 'HEAD', 'HEAD~5'],
    expect: ['Test'],
  },
  {
    command: ['bisect', 'run', '--metric', 'sharpness', '--below', '100', '--within'],
    expect: ['First bad commit:', '1 of 3 edits makes it bad', 'blur_radius 1 -> 5'],
    most: 20,
  },
  { command: ['bisect', 'reset'], expect: ['Back on main'] },
  { title: 'Take back that one; keep what came later', command: ['revert', 'HEAD~1'], expect: ['blur_radius 5 -> 1'] },
  { title: 'Nothing is lost', command: ['undo'], expect: ['revert'] },
  { command: ['redo'], expect: ['revert'] },
  {
    title: 'Sharp again?',
    command: ['run', '--metric', 'sharpness'],
    expect: ['finished', 'sharpness'],
    without: PROGRESS,
  },
  {
    title: 'A picture made again, pixel by pixel',
    command: ['reproduce', 'HEAD~3'],
    expect: ['identical'],
    without: PROGRESS,
  },
  { title: 'Who set this?', command: ['blame', 'poster.json', '--input', '4.blend_factor'], expect: ['blend_factor'] },
  { command: ['op', 'log', '-n', '5'], expect: ['revert'] },
  { title: 'Sound, patch by patch; and a real git repository', command: ['fsck'], expect: ['sound'] },
  { program: 'git', command: ['fsck', '--strict'] },
  { program: 'git', command: ['diff', '--stat', 'HEAD~1'], expect: ['poster.json'] },
];
