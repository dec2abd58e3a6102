import { type LlmTarget, llmTargetSchema } from '@app/caller-keys';
import type { Failure } from '@app/errors';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';

import { type Fault, faultsOf, parseWith, refusalOf } from '../http/body/faults.js';
import { findFaults } from '../http/body/find-faults.js';
import { heldKeys } from '../http/body/misplaced-keys.js';
import type { ReadBody } from '../http/body/request.pipe.js';
import type { UnknownFields } from '../http/body/unknown-fields.js';
import { type Remember, rememberSchema } from './remember.schemas.js';

export const MAX_WRITES = 1_000;
const SLICE_MS = 20;
/** After so many faults in one batch each further item is told its first one alone: an answer of ten megabytes helps less. */
const MAX_FAULTS_TOLD = 1_000;

/** One item of a batch, or why it is none. */
export type BatchItem = { readonly asked: Remember } | { readonly failure: Failure };

/** How one batch is read: what all its items have in common. */
interface BatchReading {
  readonly llm: LlmTarget | undefined;
  readonly isStrict: boolean;
  readonly holdsKey: (name: string) => boolean;
  /** Collects what is ignored in the items. */
  readonly unknown: UnknownFields;
  /** How many faults were found in the items so far. */
  faultCount: number;
}

/** All that a batch is refused for as a whole. */
const shape = z.object({
  writes: z
    .array(z.unknown())
    .min(1, 'must hold at least one write')
    .max(MAX_WRITES, `must hold at most ${MAX_WRITES} writes`),
  llm: llmTargetSchema.nullish(),
});

/** What is beside the items: they are looked at one by one. */
const rest = z.object({ writes: z.undefined(), llm: shape.shape.llm });

/**
 * A batch is read item by item: a malformed one is refused alone. Whatever is said of an item, its places are those of
 * the body, like everywhere.
 * @throws AppError for a body that is no batch.
 */
export async function readBatch(
  body: unknown,
  isStrict: boolean,
): Promise<ReadBody & { readonly value: readonly BatchItem[] }> {
  const holdsKey = heldKeys(body);
  const { texts, unknown } = findFaults(body, rest, holdsKey);
  const read = shape.safeParse(body);
  const faults = [
    ...texts,
    ...unknown.faults(isStrict),
    ...(read.success ? [] : faultsOf(read.error.issues, holdsKey)),
  ];
  if (!read.success || faults.length > 0) throw refusalOf(faults);
  const { writes, llm } = read.data;
  const reading = { llm: llm ?? undefined, isStrict, holdsKey, unknown, faultCount: 0 };
  return { value: await readItems(writes, reading), unknown };
}

/** A batch of 16 MiB takes a second to read: other requests are served between its items. */
async function readItems(
  items: readonly unknown[],
  reading: BatchReading,
): Promise<readonly BatchItem[]> {
  const read: BatchItem[] = [];
  let began = performance.now();
  for (const [index, item] of items.entries()) {
    read.push(readItem(item, index, reading));
    if (performance.now() - began < SLICE_MS) continue;
    await nextTurn();
    began = performance.now();
  }
  return read;
}

/** Its own model wins over the batch's. */
function readItem(item: unknown, index: number, reading: BatchReading): BatchItem {
  const under = ['writes', index];
  const onlyFirst = reading.faultCount >= MAX_FAULTS_TOLD;
  const { texts, unknown, itemCount } = findFaults(item, rememberSchema, reading.holdsKey);
  const refused = unknown.faults(reading.isStrict, onlyFirst ? 1 : undefined);
  if (!reading.isStrict) reading.unknown.addIgnored(under, unknown);
  const refuse = (faults: readonly Fault[]): BatchItem => {
    reading.faultCount += faults.length;
    return { failure: refusalOf(onlyFirst ? faults.slice(0, 1) : faults, under).toFailure() };
  };
  if (texts.length > 0) return refuse([...texts, ...refused]);
  const read = parseWith(rememberSchema, item, onlyFirst ? Infinity : itemCount);
  const faults = [
    ...refused,
    ...(read.success ? [] : faultsOf(read.error.issues, reading.holdsKey)),
  ];
  if (!read.success || faults.length > 0) return refuse(faults);
  return { asked: { ...read.data, llm: read.data.llm ?? reading.llm } };
}
