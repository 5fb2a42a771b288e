import type { Document, LineCounter } from 'yaml';
import { CwfError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { FieldPath, FieldSource } from '../plan/optimize/space-file/reader.ts';

/** Bytes of a space file [LIM]: one with a thousand parameters has a tenth of it. */
const MOST_BYTES = 1 << 20;
/** Aliases of one file [LIM]: each may stand for all that is above it. */
const MOST_ALIASES = 100;

/** A space file as it was parsed, with the lines of its fields. */
export interface ParsedSpace {
  readonly json: Json;
  readonly fields: FieldSource;
}

/** Reads YAML 1.2, of which JSON is a part. Throws SPACE_FILE_INVALID with the line. [SP-16] */
export async function parseSpace(bytes: Buffer, source: string): Promise<ParsedSpace> {
  const fault = (reason: string, line?: number, cause?: unknown): CwfError =>
    new CwfError('SPACE_FILE_INVALID', { source, line, reason }, { cause });
  if (bytes.length > MOST_BYTES) throw fault(`${bytes.length} bytes are over the limit of ${MOST_BYTES}`);
  const { LineCounter, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(bytes.toString('utf8'), { lineCounter: lines, prettyErrors: false, version: '1.2' });
  const [wrong] = document.errors;
  if (wrong) throw fault(wrong.message, lines.linePos(wrong.pos[0]).line, wrong);
  let json: Json;
  try {
    json = document.toJS({ maxAliasCount: MOST_ALIASES }) as Json;
  } catch (error) {
    throw fault((error as Error).message, undefined, error);
  }
  return { json, fields: { source, lineOf: (path) => lineOf(document, lines, path) } };
}

/** A space file as YAML; `comments` stand above the parameters. */
export async function spaceYaml(
  json: JsonObject,
  heading: string,
  comments: ReadonlyMap<string, string>,
): Promise<string> {
  const { Document, isMap, visit } = await import('yaml');
  const document = new Document(json);
  document.commentBefore = ` ${heading}`;
  const parameters = document.get('parameters');
  if (!isMap(parameters)) return document.toString();
  for (const pair of parameters.items) {
    const comment = comments.get(String(pair.key));
    const key = document.createNode(String(pair.key));
    if (comment !== undefined) key.commentBefore = ` ${comment}`;
    key.spaceBefore = pair !== parameters.items[0];
    pair.key = key;
    if (isMap(pair.value)) {
      visit(pair.value, {
        Seq: (_key, list) => {
          list.flow = true;
        },
      });
    }
  }
  return document.toString({ lineWidth: 100, flowCollectionPadding: false });
}

/** The line of a field or, where the file does not have it, of the nearest one around it. */
function lineOf(document: Document, lines: LineCounter, path: FieldPath): number | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const range = node && typeof node === 'object' && 'range' in node ? (node.range as number[] | null) : undefined;
    if (range?.[0] !== undefined) return lines.linePos(range[0]).line;
  }
  return undefined;
}
