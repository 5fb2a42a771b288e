import { lighthouse } from './lighthouse.ts';

/** One step of the demo: a command line with what it must print, files that come, or an edit as ComfyUI would save it. */
export interface Step {
  readonly title?: string;
  /** Words, or what follows from what the step before said. */
  readonly command?: readonly string[] | ((said: string) => readonly string[]);
  /** Another program than cwf. */
  readonly program?: string;
  readonly exit?: number;
  readonly expect?: readonly string[];
  /** Lines of output shown, and those among them that are not: progress. */
  readonly most?: number;
  readonly without?: RegExp;
  readonly say?: string;
  readonly edit?: (text: string) => string;
  /** New files by path. */
  readonly files?: () => Readonly<Record<string, string | Buffer>>;
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

/** Blurs a noisy photograph and sharpens it again: how much of each is best? */
const DENOISE = {
  '1': { class_type: 'LoadImage', inputs: { image: 'noisy.png' } },
  '2': { class_type: 'ImageBlur', inputs: { image: ['1', 0], blur_radius: 1, sigma: 1 } },
  '3': { class_type: 'ImageSharpen', inputs: { image: ['2', 0], sharpen_radius: 1, sigma: 1, alpha: 0 } },
  '9': { class_type: 'SaveImage', inputs: { images: ['3', 0], filename_prefix: 'photo' } },
};

/** What may be varied of it: a file, since the ranges of the nodes go far beyond what anybody would take. */
const DENOISE_SPACE = `workflow: photo.json
parameters:
  radius: { target: 2.blur_radius, low: 1, high: 6 }
  sigma: { target: 2.sigma, low: 0.4, high: 4, log: true }
  sharpening: { target: 3.alpha, low: 0, high: 0.3, step: 0.02 }
`;

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
  {
    title: 'How much blur, how much sharpening? Let a study find out',
    say: 'photo.json: a noisy photograph, blurred and sharpened again; space.yaml: what may be varied of that',
    files: () => ({
      'photo.json': JSON.stringify(DENOISE),
      'space.yaml': DENOISE_SPACE,
      'input/noisy.png': lighthouse({ width: 160, height: 128, grain: 0.4 }),
    }),
  },
  { command: ['commit', '-m', 'denoise a photograph', 'photo.json'], expect: ['denoise a photograph'] },
  {
    command: [
      'optimize',
      'photo.json',
      '--objective',
      'tenengrad:max,noise-sigma:min',
      '--space',
      'space.yaml',
      '--budget',
      '16',
    ],
    expect: ['finished: all 16 trials were made', 'cwf exp apply photo-1/'],
    without: /^trial [2-9] |^trial 1[0-5] |^ *\d+ +\d+ |^and |[┤│└●]|good\)$|^ +\d+ *$/,
  },
  { command: ['exp', 'show', 'photo-1'], expect: ['rank  trial', 'on the front'], most: 32 },
  {
    title: 'Take one of the front',
    command: (said) => ['exp', 'apply', /cwf exp apply (\S+)/.exec(said)?.[1] ?? 'photo-1/0'],
    expect: ['Trial', 'of photo-1'],
  },
  { title: 'Sound, patch by patch; and a real git repository', command: ['fsck'], expect: ['sound'] },
  { program: 'git', command: ['fsck', '--strict'] },
  { program: 'git', command: ['diff', '--stat', 'HEAD~3'], expect: ['poster.json', 'photo.json'] },
];
