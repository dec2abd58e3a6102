import { type Answer, type Moment, type Question, type SeenMemory, standingOf } from '@app/memory';

import { type ViewContext, viewMemory } from '../memories/memory.view.js';
import { renumberMarkers, withoutMarkers } from './markers.js';
import type { AnsweredView, CitationView, FoundView } from './queries.schemas.js';

/** A retrieved memory, its similarity, and whether the answer cites it. */
export interface ShownHit {
  readonly seen: SeenMemory;
  readonly similarity: number;
  readonly cited: boolean;
}

interface ShownHits {
  readonly hits: readonly ShownHit[];
  readonly searched: number;
  /** How many hits did not fit into the answer. */
  readonly leftOut?: number | undefined;
}

/** The hits in their order, without hits whose memory was erased. `number` is the N of `[mem-N]` in the stored text. */
export function shownHits(
  { hits }: Pick<Answer, 'hits'>,
  seen: readonly SeenMemory[],
): readonly (ShownHit & { readonly number: number })[] {
  const byId = new Map(seen.map((one) => [one.memory.id, one]));
  return hits.flatMap(({ memoryId, similarity, cited }, index) => {
    const one = byId.get(memoryId);
    return one ? [{ seen: one, similarity, cited, number: index + 1 }] : [];
  });
}

export function viewFound(
  { question, scope, moment }: Pick<Question, 'question' | 'scope' | 'moment'>,
  { hits, searched, leftOut = 0 }: ShownHits,
  context: ViewContext,
): FoundView {
  return {
    question,
    citations: hits.map((hit, index) => viewCitation(hit, index + 1, context)),
    memories: hits.map(({ seen }) => viewMemory(seen, context)),
    memories_searched: searched,
    truncated: leftOut > 0,
    ...viewMoment(moment),
    company_id: scope.accountId,
  };
}

/**
 * An answer as the wire shows it.
 * @param seen the memories of `answer.hits`, in any order. An erased memory is missing: its markers are removed, and the
 * others are renumbered.
 */
export function viewAnswer(
  question: Question,
  answer: Answer,
  seen: readonly SeenMemory[],
  context: ViewContext,
): AnsweredView {
  const hits = shownHits(answer, seen);
  const placeOf = new Map(hits.map(({ number }, index) => [number, index + 1]));
  const text = renumberMarkers(answer.text, (number) => placeOf.get(number));
  const { generation } = answer;
  const { question: asked, ...found } = viewFound(
    question,
    { hits, searched: answer.searched, leftOut: answer.leftOut },
    context,
  );
  return {
    question: asked,
    answer: withoutMarkers(text),
    answer_with_citations: text,
    ...found,
    grounded: answer.grounded && hits.some(({ cited }) => cited),
    generation: {
      provider: generation.provider,
      model: generation.model,
      byo_llm: generation.byoLlm,
      llm_calls: generation.llmCalls,
      usage: {
        input_tokens: generation.usage.inputTokens,
        output_tokens: generation.usage.outputTokens,
      },
    },
  };
}

function viewCitation(
  { seen, similarity, cited }: ShownHit,
  index: number,
  { now }: ViewContext,
): CitationView {
  const { memory, version } = seen;
  return {
    index,
    memory_id: memory.id,
    decision: memory.text,
    content: memory.text,
    topic: memory.topic,
    similarity,
    cited_by_llm: cited,
    valid_from: version.validFrom.toISOString(),
    is_superseded: standingOf(version, now) === 'superseded',
    tenant_id: memory.tenantId,
    source: memory.source,
  };
}

function viewMoment({
  asOf,
  transactionAsOf,
}: Moment): Pick<FoundView, 'as_of' | 'transaction_as_of'> {
  return {
    as_of: asOf?.toISOString() ?? null,
    transaction_as_of: transactionAsOf?.toISOString() ?? null,
  };
}
