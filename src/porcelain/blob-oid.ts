import { createHash } from 'node:crypto';

/** The oid git gives to a blob of this text. */
export function blobOid(text: string): string {
  const body = Buffer.from(text);
  return createHash('sha1').update(`blob ${body.length}\0`).update(body).digest('hex');
}
