import { type LlmTarget, llmTargetSchema } from '@app/caller-keys';
import type { Failure } from '@app/errors';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';

import { type Fault, faultsOf, parseWith, refusalOf } from '../http/body/faults.js';
import { findFaults } from '../http/body/find-faults.js';
import { makeKeyCheck } from '../http/body/misplaced-keys.js';
import type { ReadBody } from '../http/body/request.pipe.js';
import type { UnknownFields } from '../http/body/unknown-fields.js';
import { type Remember, rememberSchema } from './remember.schemas.js';

export const MAX_WRITES = 1_000;
const SLICE_MS = 20;
/** After this many faults in one batch, each further item reports its first fault only. This limits the size of the answer. */
const MAX_REPORTED_FAULTS = 1_000;

/** One item of a batch, or the failure of a malformed item. */
export type BatchItem = { readonly asked: Remember } | { readonly failure: Failure };

/** The state of reading one batch, shared by all its items. */
interface BatchReading {
  readonly llm: LlmTarget | undefined;
  readonly isStrict: boolean;
  readonly holdsKey: (name: string) => boolean;
  /** Collects the ignored fields of all items. */
  readonly unknown: UnknownFields;
  faultCount: number;
}

/** A body that does not match is refused as a whole. */
const shape = z.object({
  writes: z
    .array(z.unknown())
    .min(1, 'must hold at least one write')
    .max(MAX_WRITES, `must hold at most ${MAX_WRITES} writes`),
  llm: llmTargetSchema.nullish(),
});

/** The body without its items: each item is checked alone. */
const rest = z.object({ writes: z.undefined(), llm: shape.shape.llm });

/**
 * Reads a batch item by item: a malformed item is refused alone. The paths of its faults begin at the body, as for any
 * other request.
 * @throws AppError for a body that is not a batch.
 */
export async function readBatch(
  body: unknown,
  isStrict: boolean,
): Promise<ReadBody & { readonly value: readonly BatchItem[] }> {
  const holdsKey = makeKeyCheck(body);
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

/** Yields to the event loop between items: a batch of 16 MiB takes a second to read, and other requests must not wait for it. */
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

/** The item's own `llm` takes precedence over the one of the batch. */
function readItem(item: unknown, index: number, reading: BatchReading): BatchItem {
  const under = ['writes', index];
  const onlyFirst = reading.faultCount >= MAX_REPORTED_FAULTS;
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
