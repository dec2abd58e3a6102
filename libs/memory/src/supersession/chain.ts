/** At most this many memories of one chain are read. */
export const MAX_CHAIN = 10_000;

/** One memory of a chain, and the memory that superseded it, by current belief. */
export interface Link {
  readonly memoryId: string;
  readonly supersededBy: string | null;
  readonly createdAt: Date;
  /** When the fact became true, by current belief. Null: the memory is erased. */
  readonly validFrom: Date | null;
  /** The row of the memory is deleted: the link comes from the audit. */
  readonly erased: boolean;
}

/** Memories that supersession links with one another. */
export interface Chain {
  readonly links: readonly Link[];
  /** True when the chain has more than MAX_CHAIN memories: `links` holds those nearest to the requested one. */
  readonly isCutOff: boolean;
}

/** True when `to` is `from` or one of its successors. Stops at a cycle, because stored data may contain one. */
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
 * Sorts a chain topologically: a superseded memory comes before its successor, whatever their dates. Memories without an
 * order between them are sorted by the time when they became true. A cycle is cut at its oldest memory.
 */
export function timelineOf(links: readonly Link[]): readonly Link[] {
  const byAge = links.toSorted(oldestFirst);
  const ageOf = new Map(byAge.map(({ memoryId }, age) => [memoryId, age]));
  const predecessors = countPredecessors(links);
  const ready = new AgeQueue();
  for (const [age, { memoryId }] of byAge.entries())
    if (predecessors.get(memoryId) === 0) ready.push(age);
  const placed = new Set<number>();
  const place = (age: number | undefined): void => {
    const link = age === undefined ? undefined : byAge[age];
    if (age === undefined || link === undefined || placed.has(age)) return;
    placed.add(age);
    const { supersededBy } = link;
    const before = supersededBy === null ? undefined : predecessors.get(supersededBy);
    if (supersededBy === null || before === undefined) return;
    predecessors.set(supersededBy, before - 1);
    if (before === 1) ready.push(ageOf.get(supersededBy) ?? 0);
  };
  const placeReady = (): void => {
    for (let age = ready.pop(); age !== undefined; age = ready.pop()) place(age);
  };
  placeReady();
  // A memory that is not placed yet is part of a cycle, or comes after one.
  for (const oldest of byAge.keys()) {
    place(oldest);
    placeReady();
  }
  return [...placed].flatMap((age) => byAge[age] ?? []);
}

function countPredecessors(links: readonly Link[]): Map<string, number> {
  const counts = new Map(links.map(({ memoryId }) => [memoryId, 0]));
  for (const { supersededBy } of links) {
    const count = supersededBy === null ? undefined : counts.get(supersededBy);
    if (supersededBy !== null && count !== undefined) counts.set(supersededBy, count + 1);
  }
  return counts;
}

/** Sorts by the time when the fact became true, then by the time when it was stored, then by id. */
function oldestFirst(one: Link, other: Link): number {
  const begin = ({ validFrom, createdAt }: Link): number => (validFrom ?? createdAt).getTime();
  return (
    begin(one) - begin(other) ||
    one.createdAt.getTime() - other.createdAt.getTime() ||
    (one.memoryId < other.memoryId ? -1 : 1)
  );
}

/** A binary heap of positions in `byAge`: `pop` returns the smallest. Both operations take logarithmic time. */
class AgeQueue {
  readonly #ages: number[] = [];

  push(age: number): void {
    const ages = this.#ages;
    let at = ages.push(age) - 1;
    for (let parent = (at - 1) >> 1; at > 0; parent = (at - 1) >> 1) {
      if (this.#at(parent) <= age) break;
      ages[at] = this.#at(parent);
      at = parent;
    }
    ages[at] = age;
  }

  pop(): number | undefined {
    const ages = this.#ages;
    const least = ages[0];
    const last = ages.pop();
    if (last === undefined || ages.length === 0) return least;
    let at = 0;
    for (let child = 1; child < ages.length; child = 2 * at + 1) {
      if (this.#at(child + 1) < this.#at(child)) child += 1;
      if (this.#at(child) >= last) break;
      ages[at] = this.#at(child);
      at = child;
    }
    ages[at] = last;
    return least;
  }

  #at(place: number): number {
    return this.#ages[place] ?? Infinity;
  }
}
