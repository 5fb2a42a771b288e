import { createHash } from 'node:crypto';

/** The oid git gives to a blob of these bytes. */
export function blobOid(body: Uint8Array): string {
  return createHash('sha1').update(`blob ${body.length}\0`).update(body).digest('hex');
}
