import { randomUUID } from 'node:crypto';

import {
  capturedAt,
  type Comparison,
  type ContentWrite,
  type ExtractedFacts,
  isContent,
  messagesOf,
  type SupersessionOutcome,
  uncompared,
  validFromOf,
  type WriteClaim,
  type WriteResult,
} from '@app/memory';

import { citedPositions, neighboursOf, textAt } from './cited-turns.js';
import { recordUsage } from './record-usage.js';
import { standing } from './remember-fact.js';
import { extractedAs, savedAs } from './result-of-write.js';
import { storable } from './search-text.js';
import { type Statements, NOW } from './statements.js';
import { storeComparisons } from './store-comparisons.js';
import { FIRST_BELIEFS, insertMemories, type NewMemory } from './store-memories.js';

/** Comes first: who changes no row does nothing else, and who does holds the row until the commit. */
const GUARD = `
  update writes
     set state = 'succeeded', finished_at = ${NOW}, request = null, next_check_at = null, failure = null,
         llm_calls = $5, input_tokens = $6, output_tokens = $7
   where id = $1 and account_id = $2 and run = $3 and attempt = $4 and state = 'running'
  returning finished_at as now`;

const STORE_TURNS = `
  with ${FIRST_BELIEFS}, said as (
    insert into turns (id, account_id, write_id, position, role, name, said_at, text)
    select t.id, $2, $1, t.position, t.role, t.name, t.said_at, t.text
      from jsonb_to_recordset($5::jsonb) as t(id uuid, position int, role text, name text, said_at timestamptz, text text)
  )
  insert into memory_turns (memory_id, turn_id)
  select c.memory_id, c.turn_id from jsonb_to_recordset($6::jsonb) as c(memory_id uuid, turn_id uuid)`;

interface FoundFact {
  readonly memory: NewMemory;
  readonly comparison: Comparison;
  readonly cited: readonly number[];
}

/**
 * The result transaction of a write.
 * @returns false when another attempt owns the write; nothing was stored.
 */
export async function completeWrite(
  statements: Statements,
  claim: WriteClaim,
  extracted: ExtractedFacts,
): Promise<boolean> {
  const { writeId, run, attempt, asker, request } = claim;
  const { llmCalls, usage, extraction } = extracted;
  const [won] = await statements.query<{ now: Date }>(GUARD, [
    writeId,
    asker.accountId,
    run,
    attempt,
    llmCalls,
    usage.inputTokens,
    usage.outputTokens,
  ]);
  if (won === undefined) return false;

  const found = extracted.facts.map((fact, index) =>
    factFound(fact, extracted.comparisons[index] ?? { skipped: 'disabled' }, claim, won.now),
  );
  const origin = { writeId, ...asker, scope: request, extraction, now: won.now };
  const memories = found.map(({ memory }) => memory);
  const stored =
    memories.length === 0 ? new Set<string>() : await insertMemories(statements, origin, memories);
  const kept = found.filter(({ memory }) => stored.has(memory.id));
  if (kept.length > 0) {
    const { turns, citations } = turnsOf(claim, kept);
    await statements.query(STORE_TURNS, [
      writeId,
      asker.accountId,
      asker.apiKeyId,
      kept.map(({ memory }) => memory.id),
      JSON.stringify(turns),
      JSON.stringify(citations),
    ]);
  }
  const result = await resultOf(statements, claim, extracted, kept, won.now);
  await statements.query('update writes set result = $2 where id = $1', [
    writeId,
    JSON.stringify(result),
  ]);
  for (const { owner, llmCalls: calls, usage: tokens } of extracted.spent)
    await recordUsage(statements, { accountId: asker.accountId, owner, calls, ...tokens });
  return true;
}

function factFound(
  fact: ExtractedFacts['facts'][number],
  comparison: Comparison,
  { request }: WriteClaim,
  now: Date,
): FoundFact {
  const messages = messagesOf(request);
  const cited = citedPositions(fact.positions, messages.length);
  const memory = {
    id: randomUUID(),
    text: fact.text,
    topic: fact.topic,
    category: fact.category,
    importance: fact.importance,
    validFrom: validFromOf(fact, request, now),
    capturedAt: capturedAt(cited, request, now),
    cited: textAt(messages, cited),
    neighbours: textAt(messages, neighboursOf(cited, messages.length)),
  };
  return { memory, comparison, cited };
}

/**
 * Each cited turn once, however many facts cite it. Neighbours are stored too: when a turn is erased, the search documents
 * beside it are built again from them.
 */
function turnsOf({ request }: WriteClaim, facts: readonly FoundFact[]) {
  const messages = messagesOf(request);
  const positions = new Set(
    facts.flatMap(({ cited }) => [...cited, ...neighboursOf(cited, messages.length)]),
  );
  const turns = [...positions].flatMap((position) => {
    const message = messages[position];
    if (message === undefined) return [];
    const { role, name, at, content } = message;
    return { id: randomUUID(), position, role, name, said_at: at, text: storable(content) };
  });
  const idAt = new Map(turns.map(({ position, id }) => [position, id]));
  const citations = facts.flatMap(({ memory, cited }) =>
    cited.map((position) => ({ memory_id: memory.id, turn_id: idAt.get(position) })),
  );
  return { turns, citations };
}

async function resultOf(
  statements: Statements,
  claim: WriteClaim,
  extracted: ExtractedFacts,
  kept: readonly FoundFact[],
  now: Date,
): Promise<WriteResult> {
  const { request } = claim;
  const compared = kept.map(({ memory: { id, validFrom }, comparison }) => ({
    memoryId: id,
    validFrom,
    comparison,
  }));
  const outcomes = await storeComparisons(statements, claim, compared, now);
  if (!isContent(request)) return extractedAs(request, extracted, outcomes);
  const [outcome] = outcomes;
  return outcome
    ? savedAs(request, 'saved', outcome)
    : savedAs(request, 'duplicate', await twinOf(statements, claim, request));
}

/** In place of an outcome, where the fact stands already: what is not new is compared with nothing. */
async function twinOf(
  statements: Statements,
  { asker }: WriteClaim,
  request: ContentWrite,
): Promise<SupersessionOutcome> {
  const memoryId = await standing(statements, asker, request);
  return uncompared(memoryId, request.supersession ? 'no_candidates' : 'disabled');
}
