import { CwfError } from '../src/base/errors.ts';
import type { Json } from '../src/base/json.ts';
import { parseJson } from '../src/base/json-parse.ts';

/** As large as a workflow may be, and what stands around it. */
const MOST_BODY = 8 * 1024 * 1024 + 65_536;

/** A body, and its bytes for whoever compares two of them. */
export interface ReadBody {
  readonly json: Json;
  readonly bytes: Uint8Array;
}

/**
 * The JSON of a request, by the strict reader of files: no key twice, nothing rounded, no more than 64 levels. Throws
 * MEDIA_REFUSED, BODY_TOO_LARGE, and the errors of JSON. [SV-14]
 */
export async function readBody(request: Request): Promise<ReadBody> {
  const { headers } = request;
  const encoding = headers.get('content-encoding');
  if (encoding !== null && encoding !== 'identity')
    throw new CwfError('MEDIA_REFUSED', { found: `compressed (${encoding.slice(0, 40)})` });
  const type = headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new CwfError('MEDIA_REFUSED', { found: type.slice(0, 80) || 'of no stated type' });
  if (Number(headers.get('content-length') ?? 0) > MOST_BODY)
    throw new CwfError('BODY_TOO_LARGE', { limit: MOST_BODY });
  const bytes = await bytesOf(request);
  return { json: parseJson(bytes, { source: 'body' }), bytes };
}

async function bytesOf({ body }: Request): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  if (body === null) return Buffer.alloc(0);
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(parts);
    size += value.length;
    if (size > MOST_BODY) throw new CwfError('BODY_TOO_LARGE', { limit: MOST_BODY });
    parts.push(value);
  }
}
