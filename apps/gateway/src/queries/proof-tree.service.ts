import {
  type SupersessionEvidence,
  KnownSupersessions,
  MAX_KNOWN,
  type Question,
  type SeenMemory,
  standingOf,
} from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';

import type { ProofTreeView } from './proof-tree.schemas.js';
import type { FoundView } from './queries.schemas.js';

/** Builds the proof tree of an answer, for questions that ask for one. */
@Injectable()
export class ProofTrees {
  constructor(private readonly known: KnownSupersessions) {}

  /**
   * @param seen the memories of the answer's citations, in the same order.
   * @returns an empty object if the question does not ask for a proof tree.
   */
  async of(
    question: Question,
    view: FoundView & { readonly answer_with_citations?: string },
    seen: readonly SeenMemory[],
    gone?: AbortSignal,
  ): Promise<{ readonly proof_tree?: ProofTreeView }> {
    if (!question.includeProofTree) return {};
    const { scope, moment } = question;
    const ids = seen.map(({ memory }) => memory.id);
    const known = await timed('db', this.known.find(scope, ids, moment, gone));
    const answer = view.answer_with_citations ?? null;
    return { proof_tree: viewProofTree(question, view, seen, known, answer, new Date()) };
  }
}

/**
 * @param view the answer as it is sent. Except for those of turns, every hash is of a text in it, so that the caller can
 * compute it again.
 * @param seen the memories of `view.citations`, in the same order.
 * @param answer `answer_with_citations`; null for a search.
 */
function viewProofTree(
  question: Question,
  view: FoundView,
  seen: readonly SeenMemory[],
  known: SupersessionEvidence,
  answer: string | null,
  now: Date,
): ProofTreeView {
  const asked = { as_of: view.as_of, transaction_as_of: view.transaction_as_of };
  return {
    version: 1,
    retrieval: {
      method: 'full_text',
      limit: question.limit,
      tenant_id: question.scope.tenantId,
      sources: question.filter.sources ? [...question.filter.sources] : null,
      metadata: question.filter.metadata ?? null,
      ...asked,
      memories_searched: view.memories_searched,
      retrieved: view.citations.length,
      cited: view.citations.filter(({ cited_by_llm }) => cited_by_llm).length,
    },
    evidence: view.citations.map((citation, place) => ({
      index: citation.index,
      memory_id: citation.memory_id,
      fact_sha256: sha256(citation.decision),
      original_message_sha256: sha256(
        view.memories[place]?.source_citation.original_message ?? citation.decision,
      ),
      cited: citation.cited_by_llm,
      similarity: citation.similarity,
      turns: known.turns.flatMap(({ memoryId, turnId, sha256: hash }) =>
        memoryId === citation.memory_id ? [{ turn_id: turnId, sha256: hash }] : [],
      ),
    })),
    temporal: seen.map(({ version }) => ({
      memory_id: version.memoryId,
      ...asked,
      valid_from: version.validFrom.toISOString(),
      valid_to: version.validTo?.toISOString() ?? null,
      transaction_time_start: version.believedFrom.toISOString(),
      transaction_time_end: version.believedTo?.toISOString() ?? null,
      standing: standingOf(version, now),
    })),
    supersession: seen.map((one) => viewSupersession(one, known)),
    answer_sha256: answer === null ? null : sha256(answer),
  };
}

function viewSupersession(
  { memory: { id }, version }: SeenMemory,
  { links, pairs }: SupersessionEvidence,
): ProofTreeView['supersession'][number] {
  const own = links.filter(({ successorId }) => successorId === id);
  const named = pairs.filter(({ memoryId, candidateId }) => memoryId === id || candidateId === id);
  return {
    memory_id: id,
    superseded_by: version.supersededBy,
    supersedes: own.slice(0, MAX_KNOWN).map(({ supersededId, validTo }) => ({
      memory_id: supersededId,
      valid_to: validTo?.toISOString() ?? null,
    })),
    verdicts: named
      .slice(0, MAX_KNOWN)
      .map(({ memoryId, candidateId, verdict, confidence, model, classifiedAt }) => ({
        memory_id: memoryId,
        candidate_id: candidateId,
        verdict,
        confidence,
        model,
        classified_at: classifiedAt.toISOString(),
      })),
    truncated: own.length > MAX_KNOWN || named.length > MAX_KNOWN,
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
