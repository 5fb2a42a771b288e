import { type EngineRules, isOlder } from './engine-rules.ts';
import { annotatedFileExists } from './file-exists.ts';
import type { ServerFiles } from './file-lists.ts';
import { pyBool, pyInt, pyStr } from './python-cast.ts';
import { type PyDict, PyError, type PyValue, typeName } from './python-value.ts';
import { noAttribute } from './replace-classes.ts';

/** A check that a class brings with it. What it takes is left out of the checks of limits and options. */
export interface ClassValidator {
  /** Names of its parameters; the first is the class itself. */
  readonly takes: readonly string[];
  /** Those without a default: the call fails where one is not given. */
  readonly needs: readonly string[];
  /** Whether it takes every other input of the node, too. */
  readonly takesAll?: true;
  /** Whether it is also given values that the class does not declare. */
  readonly acceptsAll?: true;
  /** True, or what is wrong. Throws PyError as the engine's own code does. */
  check(given: PyDict, world: FileWorld): true | string;
}

/** What the checks may look at. */
export interface FileWorld {
  readonly rules: EngineRules;
  readonly files: ServerFiles | undefined;
}

/** The name of the parameter that gets the types of the node's links; a class that has it checks them itself. */
export const INPUT_TYPES = 'input_types';

/** The check of a class of ComfyUI in a version of it, if it has one. */
export function classValidator(classType: string, engine: string): ClassValidator | undefined {
  const rows = VALIDATORS.get(classType);
  if (!rows) return undefined;
  // A catalog without a version number is judged by the newest row.
  const isVersion = /^v?\d+(\.\d+)*$/.test(engine);
  const row = rows.find(({ since, until }) => {
    if (!isVersion) return until === undefined;
    return !(since && isOlder(engine, since)) && (until === undefined || isOlder(engine, until));
  });
  return row?.validator;
}

interface Row {
  readonly since?: string;
  readonly until?: string;
  readonly validator: ClassValidator;
}

/** A file that must be there; `self` is what the class calls itself. */
function file(self: 's' | 'cls', input: string, kind: string): ClassValidator {
  return {
    takes: [self, input],
    needs: [input],
    check: (given, { files, rules }) => {
      const name = given.get(input) as PyValue;
      return annotatedFileExists(name, files, rules) || `Invalid ${kind} file: ${pyStr(name)}`;
    },
  };
}

/** A file that must be there unless none is named. */
const MODEL_3D: ClassValidator = {
  takes: ['cls', 'model_file'],
  needs: ['model_file'],
  takesAll: true,
  check: (given, { files, rules }) => {
    const name = given.get('model_file') as PyValue;
    if (!pyBool(name) || name === 'none') return true;
    return annotatedFileExists(name, files, rules) || `Invalid 3D model file: ${pyStr(name)}`;
  },
};

/** Takes an input over and lets every value of it pass. */
function anything(self: 's' | 'cls', ...inputs: readonly string[]): ClassValidator {
  return { takes: [self, ...inputs], needs: [], check: () => true };
}

/** X:Y between 1:4 and 4:1; raises what is wrong. */
const RATIO_RAISED: ClassValidator = {
  takes: ['cls', 'aspect_ratio'],
  needs: ['aspect_ratio'],
  check: (given) => {
    const [width, height] = ratio(given.get('aspect_ratio') as PyValue);
    if (width <= 0n || height <= 0n) throw new PyError('ValueError', 'Aspect ratio parts must be positive integers');
    checkBounds(width, height);
    return true;
  },
};

/** The same, as it was: says what is wrong, and a part may be negative. */
const RATIO_TOLD: ClassValidator = {
  ...RATIO_RAISED,
  check: (given) => {
    try {
      const [width, height] = ratio(given.get('aspect_ratio') as PyValue);
      if (height === 0n) return 'division by zero';
      checkBounds(width, height);
      return true;
    } catch (error) {
      if (error instanceof PyError) return error.message;
      throw error;
    }
  },
};

function ratio(value: PyValue): readonly [bigint, bigint] {
  if (typeof value !== 'string') throw noAttribute(value, 'split');
  const parts = value.split(':');
  if (parts.length !== 2) throw new PyError('ValueError', `Aspect ratio must be X:Y, such as 16:9, but was ${value}.`);
  return [pyInt(parts[0] as string), pyInt(parts[1] as string)];
}

/** Between 1/4 and 4, both included. */
function checkBounds(width: bigint, height: bigint): void {
  const [x, y] = height < 0n ? [-width, -height] : [width, height];
  if (4n * x < y) throw new PyError('ValueError', 'Aspect ratio must not be under 1:4.');
  if (x > 4n * y) throw new PyError('ValueError', 'Aspect ratio must not be over 4:1.');
}

const TASK_IDS: readonly string[] = ['MODEL_TASK_ID', 'RIG_TASK_ID', 'RETARGET_TASK_ID'];

/** Which task the link of `original_model_task_id` is of; a value in place of a link has no type to look up. */
const TASK_TYPE: ClassValidator = {
  takes: ['cls', INPUT_TYPES],
  needs: [INPUT_TYPES],
  check: (given) => {
    const type = (given.get(INPUT_TYPES) as PyDict).get('original_model_task_id');
    if (type === undefined) throw new PyError('KeyError', "'original_model_task_id'", 'original_model_task_id');
    return (
      TASK_IDS.includes(type as string) ||
      'original_model_task_id must be MODEL_TASK_ID, RIG_TASK_ID or RETARGET_TASK_ID type'
    );
  },
};

const MOVEMENTS = ['horizontal_movement', 'vertical_movement', 'pan', 'tilt', 'roll', 'zoom'];

/** At least one movement that is not zero. */
const CAMERA: ClassValidator = {
  takes: ['cls', ...MOVEMENTS],
  needs: MOVEMENTS,
  check: (given) => {
    for (const name of MOVEMENTS) {
      const value = given.get(name) as PyValue;
      if (typeof value !== 'number') {
        throw new PyError('TypeError', `must be real number, not ${typeName(value)}`, name);
      }
      if (value !== 0) return true;
    }
    return 'Invalid camera control configs: at least one of the values must be non-zero';
  },
};

const IMAGE: readonly Row[] = [{ validator: file('s', 'image', 'image') }];

/**
 * Classes of ComfyUI with a check of their own, by version. Source: the `VALIDATE_INPUTS` and `validate_inputs` of all
 * classes of the engines that cwf ships, those that they inherit included.
 */
const VALIDATORS: ReadonlyMap<string, readonly Row[]> = new Map<string, readonly Row[]>([
  [
    'CustomCombo',
    [{ validator: { ...anything('cls', 'choice', 'index'), needs: ['choice'], takesAll: true, acceptsAll: true } }],
  ],
  [
    'FluxProUltraImageNode',
    [
      { since: '0.33.0', validator: RATIO_RAISED },
      { until: '0.33.0', validator: RATIO_TOLD },
    ],
  ],
  ['KlingCameraControls', [{ until: '0.33.0', validator: CAMERA }]],
  ['Load3D', [{ since: '0.33.0', validator: MODEL_3D }]],
  ['Load3DAdvanced', [{ validator: MODEL_3D }]],
  [
    'LoadAudio',
    [
      { since: '0.33.0', validator: file('cls', 'audio', 'audio') },
      { until: '0.33.0', validator: file('s', 'audio', 'audio') },
    ],
  ],
  ['LoadImage', IMAGE],
  ['LoadImageMask', IMAGE],
  ['LoadImageOutput', IMAGE],
  ['LoadLatent', [{ validator: file('s', 'latent', 'latent') }]],
  ['LoadVideo', [{ validator: file('s', 'file', 'video') }]],
  ['ModelAttentionBackend', [{ validator: { ...anything('s', 'attention'), needs: ['attention'] } }]],
  ['SelectCLIPDevice', [{ validator: anything('cls', 'device') }]],
  ['SelectModelDevice', [{ validator: anything('cls', 'device') }]],
  ['SelectVAEDevice', [{ validator: anything('cls', 'device') }]],
  ['TripoConversionNode', [{ validator: TASK_TYPE }]],
  ['WebcamCapture', IMAGE],
]);
