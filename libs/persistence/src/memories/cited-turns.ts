import { MAX_CITED_TURNS } from '@app/memory';

/** The messages just before and after those that a fact cites, without the cited ones: what gives them their meaning. */
export function neighboursOf(positions: readonly number[], count: number): readonly number[] {
  const cited = new Set(positions);
  const near = positions.flatMap((position) => [position - 1, position + 1]);
  return inOrder(
    near.filter((position) => position >= 0 && position < count && !cited.has(position)),
  );
}

/** Positions that exist, each once, in the order of the conversation, the first that are named. A model may name others. */
export function citedPositions(positions: readonly number[], count: number): readonly number[] {
  const existing = positions.filter(
    (position) => Number.isInteger(position) && position >= 0 && position < count,
  );
  return inOrder([...new Set(existing)].slice(0, MAX_CITED_TURNS));
}

const inOrder = (positions: readonly number[]): readonly number[] =>
  [...new Set(positions)].toSorted((a, b) => a - b);
