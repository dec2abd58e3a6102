/** A chain is followed over so many memories. */
export const MAX_CHAIN = 10_000;

/** One memory of a chain, and what is believed to have superseded it. */
export interface Link {
  readonly memoryId: string;
  readonly supersededBy: string | null;
  readonly createdAt: Date;
  /** When it became true, by what is believed now. Null: its row is gone. */
  readonly validFrom: Date | null;
  /** Its row is gone: the audit alone still knows of it. */
  readonly erased: boolean;
}

/** Memories that supersession links with one another. */
export interface Chain {
  readonly links: readonly Link[];
  /** Whether there are more than MAX_CHAIN: these are those that are nearest to the memory that was asked for. */
  readonly isCutOff: boolean;
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
  // What is not ready by now is part of a circle, or stands behind one.
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

/** By when it became true, then by when it was stored; the id makes an order of what is left. */
function oldestFirst(one: Link, other: Link): number {
  const begin = ({ validFrom, createdAt }: Link): number => (validFrom ?? createdAt).getTime();
  return (
    begin(one) - begin(other) ||
    one.createdAt.getTime() - other.createdAt.getTime() ||
    (one.memoryId < other.memoryId ? -1 : 1)
  );
}

/** A binary heap of ages: the least comes first. Adding and taking cost the logarithm of its size. */
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
