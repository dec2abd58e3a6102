import { z } from 'zod';

/** What an `integer` column holds. */
const MAX_TOKENS = 2_147_483_647;

/** A count of tokens as a provider states it, made whole and bounded; what is no number counts as 0. */
export const tokenCountSchema = z.unknown().optional().transform(readTokenCount);

export function readTokenCount(stated: unknown): number {
  const count = typeof stated === 'string' ? Number(stated) : stated;
  if (typeof count !== 'number' || Number.isNaN(count) || count <= 0) return 0;
  return Math.min(MAX_TOKENS, Math.ceil(count));
}

/** The sum, which stays within the column too. */
export const addTokens = (one: number, other: number): number => Math.min(MAX_TOKENS, one + other);
