import { isContent, messagesResult, type SucceededJob, uncompared } from '@app/memory';

import { memoryRows } from '../memories/store-memories.js';
import { turnRows } from '../memories/store-turns.js';
import { storableJson } from '../sql/storable.js';
import { foundFacts } from './found-facts.js';
import { spendingRows } from './record-usage.js';
import { storableExtraction } from './storable-extraction.js';

/** A larger write has a transaction of its own: it would delay the other writes of its batch. */
const MAX_FACTS = 40;
const MAX_CHARACTERS = 64 * 1024;

/** The lists of rows that complete-writes.ts stores, in the order of its parameters. */
const LISTS = ['writes', 'facts', 'documents', 'turns', 'turnsOfFacts', 'spent'] as const;
type List = (typeof LISTS)[number];

/** A write as one of many that one statement completes. */
export interface GroupedWrite {
  readonly id: string;
  readonly accountId: string;
  /** The rows as JSON, without the brackets of their list. */
  readonly rows: Readonly<Record<List, string>>;
  /** The length of all rows. */
  readonly characters: number;
}

/** The statement reads Postgres' clock. As JSON, this date is null. */
const WHEN_STORED = new Date(NaN);

/** @returns undefined if the write needs a transaction of its own: then `completeWrite` stores it. */
export function groupedWrite({ claim, result }: SucceededJob<'write'>): GroupedWrite | undefined {
  const { id, run, attempt, asker, request } = claim;
  if (isContent(request) || request.dryRun) return undefined;
  const { messages, source, sessionId, externalId, metadata } = request;
  const said = messages.reduce((sum, { content }) => sum + content.length, 0);
  if (said > MAX_CHARACTERS || result.facts.length > MAX_FACTS) return undefined;

  const extracted = storableExtraction(result);
  const found = foundFacts(extracted, claim, WHEN_STORED);
  const outcomes = found.flatMap(({ memory, comparison }) =>
    'skipped' in comparison ? [uncompared(memory.id, comparison.skipped)] : [],
  );
  if (outcomes.length < found.length) return undefined;

  const memories = found.map(({ memory }) => memory);
  const { facts, documents } = memoryRows(memories, messages);
  const { turns, turnsOfFacts } = turnRows(messages, memories);
  const { extraction, llmCalls, usage, spent } = extracted;
  const write = {
    id,
    run,
    attempt,
    llm_calls: llmCalls,
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    source,
    session_id: sessionId,
    external_id: externalId,
    metadata,
    extraction,
    result: messagesResult(request, extracted, outcomes),
  };
  const ofWrite = { write_id: id };
  const rows = {
    writes: jsonRows([write]),
    facts: jsonRows(facts, ofWrite),
    documents: jsonRows(documents, ofWrite),
    turns: jsonRows(turns, ofWrite),
    turnsOfFacts: jsonRows(turnsOfFacts),
    spent: jsonRows(spendingRows(spent), ofWrite),
  };
  const characters = LISTS.reduce((sum, list) => sum + rows[list].length, 0);
  return { id, accountId: asker.accountId, rows, characters };
}

const jsonRows = (rows: readonly object[], more: object = {}): string =>
  rows.map((row) => storableJson({ ...row, ...more })).join(',');

/** The values of the statement: each list of all writes as one JSON array. */
export const listsOf = (writes: readonly GroupedWrite[]): readonly string[] =>
  LISTS.map((list) => {
    const rows = writes.map((write) => write.rows[list]).filter((json) => json !== '');
    return `[${rows.join(',')}]`;
  });
