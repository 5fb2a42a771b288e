/** What a version of ComfyUI does otherwise than the one before it. */
export interface EngineRules {
  /** First version the row holds for. */
  readonly since: string;
  /** Error type of a node without a class, or with one that the engine does not have. */
  readonly missingClass: 'invalid_prompt' | 'missing_node_type';
  /** Whether classes that are gone are replaced before anything is looked at. */
  readonly replacesClasses: boolean;
  /** Whether a cycle of links is told as `dependency_cycle`; before, Python's stack ran out and no error was left. */
  readonly tellsCycles: boolean;
  /** Whether inputs below dynamic combos and grown inputs are declared. */
  readonly growsInputs: boolean;
  /** Whether a link may lead from or to a MatchType, and from a list of options to a `COMBO`. */
  readonly matchesTypes: boolean;
  /** Whether values of combos that are called `COMBO` are looked up, and not only those of lists. */
  readonly checksNamedCombos: boolean;
  /** Whether a path that leaves its folder counts as missing. */
  readonly confinesPaths: boolean;
  /** Previews whose encoder and decoder together serve as a VAE, by the beginnings of their files. */
  readonly pairedVaes: readonly string[];
  /** Previews of videos that serve as a VAE by themselves. */
  readonly videoVaes: readonly string[];
  /** Endings of 3D models by the class that lists them. */
  readonly models3d: Readonly<Record<string, readonly string[]>>;
  /** Whether a list of 3D models also offers `none`. */
  readonly noneIsModel3d: boolean;
}

const MESHES: readonly string[] = ['.gltf', '.glb', '.obj', '.fbx', '.stl'];

/** Newest first: a newer engine is one row more, with what it changed. */
const ROWS: readonly EngineRules[] = [
  {
    since: '0.33.0',
    missingClass: 'missing_node_type',
    replacesClasses: true,
    tellsCycles: true,
    growsInputs: true,
    matchesTypes: true,
    checksNamedCombos: true,
    confinesPaths: true,
    pairedVaes: ['taesd', 'taesdxl', 'taesd3', 'taef1', 'taef2'],
    videoVaes: ['taehv', 'lighttaew2_2', 'lighttaew2_1', 'lighttaehy1_5', 'taeltx_2', 'taeh3'],
    models3d: {
      Load3D: [...MESHES, '.spz', '.splat', '.ply', '.ksplat'],
      Load3DAdvanced: MESHES,
    },
    noneIsModel3d: true,
  },
  {
    since: '0.3.64',
    missingClass: 'invalid_prompt',
    replacesClasses: false,
    tellsCycles: false,
    growsInputs: false,
    matchesTypes: false,
    checksNamedCombos: false,
    confinesPaths: false,
    pairedVaes: ['taesd', 'taesdxl', 'taesd3', 'taef1'],
    videoVaes: [],
    models3d: { Load3D: MESHES, Load3DAnimation: ['.gltf', '.glb', '.fbx'] },
    noneIsModel3d: false,
  },
];

/**
 * The rules of an engine: those of the newest row that is not newer than it. A catalog that names no version (one read
 * from a server's definitions) goes by the newest.
 */
export function engineRules(engine: string): EngineRules {
  const newest = ROWS[0] as EngineRules;
  if (!/^v?\d+(\.\d+)*$/.test(engine)) return newest;
  return ROWS.find(({ since }) => !isOlder(engine, since)) ?? (ROWS.at(-1) as EngineRules);
}

/** Whether version `a` is older than `b`: numbers by number. */
export function isOlder(a: string, b: string): boolean {
  const parts = (version: string) => version.replace(/^v/, '').split('.').map(Number);
  const [x, y] = [parts(a), parts(b)];
  for (let at = 0; at < Math.max(x.length, y.length); at++) {
    const difference = (x[at] ?? 0) - (y[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
