import type { SeenMemory } from '../memories/memory-store.js';

/** One memory of a chain, and what is believed to have superseded it. */
export interface Link {
  readonly memoryId: string;
  readonly supersededBy: string | null;
  readonly createdAt: Date;
  /** Its row is gone: the audit alone still knows of it. */
  readonly erased: boolean;
}

/** A place in a timeline. `seen` is undefined for a memory that was erased. */
export interface ChainMember {
  readonly memoryId: string;
  readonly seen: SeenMemory | undefined;
}

/** Whether one memory's chain of successors comes to another one. Ends in a circle too: data may hold one. */
export function leadsTo(links: readonly Link[], from: string, to: string): boolean {
  const successorOf = new Map(links.map((link) => [link.memoryId, link.supersededBy]));
  const visited = new Set<string>();
  for (let at: string | null = from; at !== null; at = successorOf.get(at) ?? null) {
    if (at === to) return true;
    if (visited.has(at)) return false;
    visited.add(at);
  }
  return false;
}

/**
 * A chain in order, oldest first: what was superseded stands before what superseded it, whatever their dates; several
 * predecessors of one memory, and what else that leaves open, by the time when they became true. A circle is cut at its
 * oldest memory.
 * @param seen what the reader may see, in any order: who is neither there nor erased is left out.
 */
export function timelineOf(
  links: readonly Link[],
  seen: readonly SeenMemory[],
): readonly ChainMember[] {
  const seenById = new Map(seen.map((one) => [one.memory.id, one]));
  const waiting = new Map(links.toSorted(byAge(seenById)).map((link) => [link.memoryId, link]));
  const predecessors = countPredecessors(links);
  const ordered: Link[] = [];
  while (waiting.size > 0) {
    const next =
      find(waiting, ({ memoryId }) => predecessors.get(memoryId) === 0) ??
      find(waiting, () => true);
    if (next === undefined) break;
    waiting.delete(next.memoryId);
    ordered.push(next);
    const { supersededBy } = next;
    const before = supersededBy === null ? undefined : predecessors.get(supersededBy);
    if (supersededBy !== null && before !== undefined) predecessors.set(supersededBy, before - 1);
  }
  return ordered
    .filter(({ memoryId, erased }) => erased || seenById.has(memoryId))
    .map(({ memoryId }) => ({ memoryId, seen: seenById.get(memoryId) }));
}

function countPredecessors(links: readonly Link[]): Map<string, number> {
  const counts = new Map(links.map(({ memoryId }) => [memoryId, 0]));
  for (const { supersededBy } of links) {
    const count = supersededBy === null ? undefined : counts.get(supersededBy);
    if (supersededBy !== null && count !== undefined) counts.set(supersededBy, count + 1);
  }
  return counts;
}

/** By when it became true, then by when it was stored; the id makes an order of what is left. */
function byAge(seen: ReadonlyMap<string, SeenMemory>): (one: Link, other: Link) => number {
  const begin = ({ memoryId, createdAt }: Link): number =>
    (seen.get(memoryId)?.version.validFrom ?? createdAt).getTime();
  return (one, other) =>
    begin(one) - begin(other) ||
    one.createdAt.getTime() - other.createdAt.getTime() ||
    (one.memoryId < other.memoryId ? -1 : 1);
}

function find(links: ReadonlyMap<string, Link>, fits: (link: Link) => boolean): Link | undefined {
  for (const link of links.values()) if (fits(link)) return link;
  return undefined;
}
