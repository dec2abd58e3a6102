import { type LlmTarget, llmTargetSchema } from '@app/caller-keys';
import { AppError, type Failure } from '@app/errors';
import { z } from 'zod';

import { faultsOf, refusalOf } from '../http/faults.js';
import { textFaultsOf } from '../http/texts.js';
import { type Remember, rememberSchema } from './remember.schemas.js';

export const MAX_WRITES = 1_000;

/** One item of a batch, or why it is none. */
export type BatchItem = { readonly asked: Remember } | { readonly failure: Failure };

/** All that a batch is refused for as a whole. */
const shape = z.object({
  writes: z
    .array(z.unknown())
    .min(1, 'must hold at least one write')
    .max(MAX_WRITES, `must hold at most ${MAX_WRITES} writes`),
  llm: llmTargetSchema.nullish(),
});

/**
 * A batch is read item by item: a malformed one is refused alone. Whatever is said of an item, its places are those of
 * the body, like everywhere.
 * @throws AppError for a body that is no batch.
 */
export function readBatch(body: unknown): readonly BatchItem[] {
  const read = shape.safeParse(body);
  const { writes: _items, ...rest } = (body ?? {}) as { readonly writes?: unknown };
  const faults = [...textFaultsOf(rest), ...(read.success ? [] : faultsOf(read.error.issues))];
  if (!read.success || faults.length > 0) throw refusalOf(faults);
  const { writes, llm } = read.data;
  return writes.map((item, index) => readItem(item, llm ?? undefined, index));
}

/** Its own model wins over the batch's. */
function readItem(item: unknown, llmOfAll: LlmTarget | undefined, index: number): BatchItem {
  const under = ['writes', index];
  try {
    const unfit = textFaultsOf(item);
    if (unfit.length > 0) throw refusalOf(unfit, under);
    const read = rememberSchema.safeParse(item);
    if (!read.success) throw refusalOf(faultsOf(read.error.issues), under);
    return { asked: { ...read.data, llm: read.data.llm ?? llmOfAll } };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { failure: placed(error.toFailure(), index) };
  }
}

/** What is nested too deeply is at fault as a whole. */
const placed = (failure: Failure, index: number): Failure => ({
  ...failure,
  faults: failure.faults?.map(({ path, message }) => ({
    path: path === '' ? `/writes/${index}` : path,
    message,
  })),
});
