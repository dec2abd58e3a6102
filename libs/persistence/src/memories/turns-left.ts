/** A stored turn, and the memories that cite it: none for one that was only said beside those that are cited. */
export interface CitedTurn {
  readonly id: string;
  readonly writeId: string;
  readonly position: number;
  readonly citedBy: readonly string[];
}

/** What the erasure of memories does to the turns of their writes. */
export interface TurnsLeft {
  /** These go with the memories. */
  readonly going: readonly string[];
  /** Memories that stay, and whose search documents hold words of turns that go. */
  readonly touched: readonly string[];
}

/**
 * A turn goes when it was cited by what is erased and by nothing that stays, also where it gave a neighbour its meaning:
 * who has a memory erased has what was said erased. A turn that nothing cites goes when no neighbour is left.
 * @param turns all of the writes that the erased memories come from.
 */
export function turnsLeft(turns: readonly CitedTurn[], erased: ReadonlySet<string>): TurnsLeft {
  const citing = turns.flatMap((turn) =>
    turn.citedBy
      .filter((memoryId) => !erased.has(memoryId))
      .map((memoryId) => ({ turn, memoryId })),
  );
  const cited = new Set(citing.map(({ turn }) => turn.id));
  const beside = new Map<string, Set<string>>();
  for (const { turn, memoryId } of citing) {
    for (const position of [turn.position - 1, turn.position + 1]) {
      const place = placeOf(turn.writeId, position);
      beside.set(place, (beside.get(place) ?? new Set()).add(memoryId));
    }
  }
  const neighboursOf = ({ writeId, position }: CitedTurn): readonly string[] => [
    ...(beside.get(placeOf(writeId, position)) ?? []),
  ];
  const going = turns.filter(
    (turn) => !cited.has(turn.id) && (turn.citedBy.length > 0 || neighboursOf(turn).length === 0),
  );
  return {
    going: going.map(({ id }) => id),
    touched: [...new Set(going.flatMap(neighboursOf))],
  };
}

const placeOf = (writeId: string, position: number): string => `${writeId} ${position}`;
