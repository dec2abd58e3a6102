import { z } from 'zod';

/** The largest value of an `integer` column. */
const MAX_TOKENS = 2_147_483_647;

/** Reads a token count of a provider as a bounded whole number; anything that is no number is 0. */
export const tokenCountSchema = z.unknown().optional().transform(readTokenCount);

export function readTokenCount(stated: unknown): number {
  const count = typeof stated === 'string' ? Number(stated) : stated;
  if (typeof count !== 'number' || Number.isNaN(count) || count <= 0) return 0;
  return Math.min(MAX_TOKENS, Math.ceil(count));
}

/** Adds two counts without exceeding the column. */
export const addTokens = (one: number, other: number): number => Math.min(MAX_TOKENS, one + other);
