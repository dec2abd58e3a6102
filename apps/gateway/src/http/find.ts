import { AppError } from '@app/errors';

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** @throws AppError `not_found`, which is the same for a missing id, a malformed id and an id of another account. */
export async function findById<Thing>(
  id: string,
  find: (id: string) => Promise<Thing | undefined>,
): Promise<Thing> {
  const thing = ID.test(id) ? await find(id.toLowerCase()) : undefined;
  if (thing === undefined) throw notFound();
  return thing;
}

export const notFound = (): AppError =>
  new AppError('not_found', 'There is nothing with this id that your API key can see.');
