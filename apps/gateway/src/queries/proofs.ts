import { KnownSupersessions, type Question, type SeenMemory } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import type { ProofTreeView } from './proof-tree.schemas.js';
import { viewProofTree } from './proof-tree.view.js';
import type { FoundView } from './queries.schemas.js';

/** What an answer rests on, for whoever asked for that as well. */
@Injectable()
export class Proofs {
  constructor(private readonly known: KnownSupersessions) {}

  /**
   * @param seen the memories of the answer's citations, in their order.
   * @returns nothing, where the question does not ask for it.
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
    const known = await timed('db', this.known.of(scope, ids, moment, gone));
    const answer = view.answer_with_citations ?? null;
    return { proof_tree: viewProofTree(question, view, seen, known, answer, new Date()) };
  }
}
