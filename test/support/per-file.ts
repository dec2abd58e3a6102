import { afterAll } from 'vitest';

/** Opens a resource for all tests of a file and closes it after the last one. Call it with `await` at the top of the file. */
export async function perFile<Opened extends { close(): Promise<unknown> }>(
  opening: Promise<Opened>,
): Promise<Opened> {
  const opened = await opening;
  afterAll(() => opened.close());
  return opened;
}
