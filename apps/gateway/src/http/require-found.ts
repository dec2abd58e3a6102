import { AppError } from '@app/errors';

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Reads or changes the thing with this id, and requires that there is one.
 * @param act returns undefined if it finds no such thing.
 * @throws AppError `not_found`, which is the same for a missing id, a malformed id and an id of another account.
 */
export async function requireFound<Thing>(
  id: string,
  act: (id: string) => Promise<Thing | undefined>,
): Promise<Thing> {
  const thing = ID.test(id) ? await act(id.toLowerCase()) : undefined;
  if (thing === undefined) throw notFound();
  return thing;
}

export const notFound = (): AppError =>
  new AppError('not_found', 'There is nothing with this id that your API key can see.');
