import { afterAll } from 'vitest';

/** Something that is open for all tests of a file, and closed after the last one. Used with `await` at the top of a file. */
export async function perFile<Opened extends { close(): Promise<unknown> }>(
  opening: Promise<Opened>,
): Promise<Opened> {
  const opened = await opening;
  afterAll(() => opened.close());
  return opened;
}
