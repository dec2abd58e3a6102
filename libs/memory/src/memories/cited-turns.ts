import { MAX_CITED_TURNS } from './excerpt.js';

/** Positions of the messages just before and after the cited ones, without the cited ones. They give a citation its context. */
export function neighboursOf(positions: readonly number[], count: number): readonly number[] {
  const cited = new Set(positions);
  const near = positions.flatMap((position) => [position - 1, position + 1]);
  return inOrder(
    near.filter((position) => position >= 0 && position < count && !cited.has(position)),
  );
}

/**
 * Keeps the first MAX_CITED_TURNS of the given positions, and sorts them. Positions that do not exist and repeated positions
 * are dropped before, because a model may name them.
 */
export function citedPositions(positions: readonly number[], count: number): readonly number[] {
  const existing = positions.filter(
    (position) => Number.isInteger(position) && position >= 0 && position < count,
  );
  return inOrder([...new Set(existing)].slice(0, MAX_CITED_TURNS));
}

const inOrder = (positions: readonly number[]): readonly number[] =>
  [...new Set(positions)].toSorted((a, b) => a - b);

/** A stored turn, and the memories that cite it: none for a turn that is stored only as the neighbour of a cited one. */
export interface CitedTurn {
  readonly id: string;
  readonly writeId: string;
  readonly position: number;
  readonly citedBy: readonly string[];
}

/** The effects of erasing memories on the turns of their writes. */
interface TurnErasurePlan {
  /** Turns to erase together with the memories. */
  readonly turnsToErase: readonly string[];
  /** Remaining memories whose search documents hold words of erased turns. */
  readonly memoriesToReindex: readonly string[];
}

/**
 * A cited turn is erased when only erased memories cite it, even if it is the neighbour of a remaining turn: erasing a memory
 * erases its text. A turn that no memory cites is erased when no remaining memory cites one of its neighbours.
 * @param turns all turns of the writes that the erased memories come from.
 */
export function planTurnErasure(
  turns: readonly CitedTurn[],
  erased: ReadonlySet<string>,
): TurnErasurePlan {
  const citing = turns.flatMap((turn) =>
    turn.citedBy
      .filter((memoryId) => !erased.has(memoryId))
      .map((memoryId) => ({ turn, memoryId })),
  );
  const cited = new Set(citing.map(({ turn }) => turn.id));
  const citedBeside = new Map<string, Set<string>>();
  for (const { turn, memoryId } of citing) {
    for (const position of [turn.position - 1, turn.position + 1]) {
      const place = placeOf(turn.writeId, position);
      citedBeside.set(place, (citedBeside.get(place) ?? new Set()).add(memoryId));
    }
  }
  const memoriesBeside = ({ writeId, position }: CitedTurn): readonly string[] => [
    ...(citedBeside.get(placeOf(writeId, position)) ?? []),
  ];
  const toErase = turns.filter(
    (turn) => !cited.has(turn.id) && (turn.citedBy.length > 0 || memoriesBeside(turn).length === 0),
  );
  return {
    turnsToErase: toErase.map(({ id }) => id),
    memoriesToReindex: [...new Set(toErase.flatMap(memoriesBeside))],
  };
}

const placeOf = (writeId: string, position: number): string => `${writeId} ${position}`;
