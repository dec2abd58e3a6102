import { AppError } from '@app/errors';
import type { FoundMemories, Link } from '@app/memory';

/**
 * The members of a page that are shown: up to the first for which the answer has no room. A memory that was erased while
 * the page was read is passed over.
 * @param found the memories of `asked` that still stand.
 */
export function pageOfChain(
  asked: readonly Link[],
  { memories, leftOut }: FoundMemories,
): readonly Link[] {
  const standing = new Set(memories.map(({ memory }) => memory.id));
  if (leftOut === 0) return asked;
  const last = asked.findLastIndex(({ memoryId }) => standing.has(memoryId));
  return asked.slice(0, last + 1);
}

/** @throws AppError `invalid_request` when the chain no longer has the member with which the page before ended. */
export function placeBehind(chain: readonly Link[], memoryId: string): number {
  const place = chain.findIndex((link) => link.memoryId === memoryId);
  if (place !== -1) return place + 1;
  throw new AppError('invalid_request', 'The cursor cannot be used: see errors.', {
    faults: [
      {
        path: '/cursor',
        message: 'points to a memory that has left the chain. Begin again without a cursor',
      },
    ],
  });
}
