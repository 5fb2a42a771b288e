import { type CwfError, isCwfError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { type ImageInput, nameOf } from '../io/metrics/decode.ts';
import { type Expected, failedGates, type Gate, type GateFacts } from '../io/metrics/gates.ts';
import { findMetric } from '../io/metrics/index.ts';
import type { Measurement, MeasureRequest, Provenance, Report } from '../io/metrics/measure.ts';
import type { Direction, Metric, Need } from '../io/metrics/metric.ts';
import type { MetricPool } from '../io/metrics/pool.ts';

/** One file with what was measured of it, or why it could not be read. */
export interface MeasuredFile {
  readonly file: string;
  /** `PNG`, `MP4`, ... by its bytes; absent for a file that was not looked into. */
  readonly type?: string;
  /** Zero where nothing was decoded. */
  readonly frames: number;
  readonly facts?: GateFacts;
  readonly measurements: readonly Measurement[];
  /** Signs that this output failed. */
  readonly gates: readonly Gate[];
  readonly error?: CwfError;
}

/** What a row of the table is about. */
export interface MeasuredMetric {
  /** The name that was asked for. */
  readonly name: string;
  readonly id: string;
  readonly direction: Direction;
  readonly unit: string;
}

/** Files that are measured or wait for it at once; the threads of the pool are fewer. */
const AT_ONCE = 16;

/** How files are measured together. */
export interface MeasureEach {
  /** Whether the metrics of frames stay in the answer where every file is a still image. */
  readonly stills: boolean;
  /** Outputs that were made before, by a name that people know. */
  readonly earlier?: Expected['earlier'];
  /** Whether a file that cannot be read is told beside the others even when it is alone. */
  readonly lenient?: boolean;
}

/**
 * Measures files, each by what a request asks for, and holds each against those before it. A file that cannot be read is
 * told beside the others; alone, its error is thrown.
 */
export async function measureEach(
  pool: MetricPool,
  files: readonly ImageInput[],
  request: Omit<MeasureRequest, 'image'>,
  { stills, earlier = [], lenient = false }: MeasureEach,
): Promise<readonly MeasuredFile[]> {
  const reports = await measureAll(pool, files, request, lenient);
  return withGates(stills ? reports : withoutStills(reports), earlier);
}

/** The rows of a table: the metrics that were wanted and that some file has an answer for, each once. */
export function toldMetrics(
  wanted: readonly { readonly name: string; readonly metric: Metric }[],
  files: readonly MeasuredFile[],
): readonly MeasuredMetric[] {
  const told = new Set(files.flatMap(({ measurements }) => measurements.map(({ name }) => name)));
  return wanted
    .filter(({ name }, at) => told.has(name) && wanted.findIndex((other) => other.name === name) === at)
    .map(({ name, metric: { id, direction, unit } }) => ({ name, id, direction, unit }));
}

/** What the pool said of each file, in their order. */
async function measureAll(
  pool: MetricPool,
  files: readonly ImageInput[],
  request: Omit<MeasureRequest, 'image'>,
  lenient: boolean,
): Promise<readonly Measuring[]> {
  const reports: Measuring[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < files.length) {
      const at = next++;
      const image = files[at]!;
      const file = nameOf(image);
      try {
        reports[at] = { file, report: await pool.measure({ ...request, image }) };
      } catch (error) {
        if ((files.length === 1 && !lenient) || !isCwfError(error) || error.kind === 'bug') throw error;
        reports[at] = { file, error };
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return reports;
}

type Measuring = { readonly file: string } & ({ readonly report: Report } | { readonly error: CwfError });

/** Without the metrics of frames, where every file that was read is a still image. */
function withoutStills(all: readonly Measuring[]): readonly Measuring[] {
  if (all.some((one) => 'report' in one && one.report.frames !== 1)) return all;
  const isKept = ({ name }: Measurement) => !findMetric(name).needs.includes('frames');
  return all.map((one) =>
    'report' in one ? { ...one, report: { ...one.report, measurements: one.report.measurements.filter(isKept) } } : one,
  );
}

/** Each output is held against those that were named before it. */
function withGates(all: readonly Measuring[], before: NonNullable<Expected['earlier']>): readonly MeasuredFile[] {
  const earlier = [...before];
  return all.map((one) => {
    if ('error' in one) return { file: one.file, frames: 0, measurements: [], gates: [], error: one.error };
    const { file } = one;
    const { type, frames, facts, measurements } = one.report;
    const gates = facts ? failedGates(facts, { earlier }) : [];
    if (facts) earlier.push({ ...facts, name: file });
    return {
      file,
      ...(type === undefined ? {} : { type }),
      frames,
      ...(facts ? { facts } : {}),
      measurements,
      gates,
    };
  });
}

/** The numbers of a file as they are noted: under the name that was asked for, the id and its aliases. */
export function numbersOf(
  { facts, measurements }: MeasuredFile,
  others: JsonObject,
): readonly { readonly metric: string; readonly value: number; readonly provenance: JsonObject }[] {
  const numbers = new Map<string, { metric: string; value: number; provenance: JsonObject }>();
  for (const measured of measurements) {
    if (measured.kind !== 'value') continue;
    const { needs, id, aliases = [] } = findMetric(measured.name);
    const compared = Object.fromEntries(Object.entries(others).filter(([need]) => needs.includes(need as Need)));
    const image: JsonObject = facts ? { image: facts.pixelSha256 } : {};
    const provenance: JsonObject = { ...plain(measured.provenance), ...image, ...compared };
    for (const metric of [id, ...aliases]) numbers.set(metric, { metric, value: measured.value, provenance });
  }
  return [...numbers.values()];
}

function plain(provenance: Provenance): JsonObject {
  return Object.fromEntries(Object.entries(provenance).filter(([, value]) => value !== undefined)) as JsonObject;
}
