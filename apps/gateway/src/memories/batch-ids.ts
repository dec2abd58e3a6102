import { createHash } from 'node:crypto';

/** The id of a batch's write by its place: the same batch, made again under the same id, makes the same writes. */
export function writeIdAt(batchId: string, index: number): string {
  const bytes = createHash('sha256').update(`${batchId} ${index}`).digest();
  // A UUID of version 8: https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes
    .toString('hex', 0, 16)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
