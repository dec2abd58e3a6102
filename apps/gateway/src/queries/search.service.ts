import type { Caller } from '@app/accounts';
import { MemoryIndex, type Question } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { readScope } from '../http/auth/caller-scope.js';
import { viewContextOf } from '../memories/memory.view.js';
import { viewFound } from './answer.view.js';
import { ProofTrees } from './proof-tree.service.js';
import type { FoundView, Search } from './queries.schemas.js';

const DEFAULT_LIMIT = 10;

/** Retrieval without an answer: the gateway reads the index itself, and no model is called. */
@Injectable()
export class SearchService {
  constructor(
    private readonly index: MemoryIndex,
    private readonly proofs: ProofTrees,
  ) {}

  async search(caller: Caller, asked: Search, gone?: AbortSignal): Promise<FoundView> {
    const question = questionOf(caller, asked);
    const { hits, ...found } = await timed('db', this.index.retrieve(question, gone));
    const shown = hits.map((hit) => ({ ...hit, cited: false }));
    const view = viewFound(question, { ...found, hits: shown }, viewContextOf(caller));
    const seen = hits.map((hit) => hit.seen);
    return { ...view, ...(await this.proofs.of(question, view, seen, gone)) };
  }
}

/** @throws AppError `not_found` for a key that is bound to another tenant. */
export function questionOf(caller: Caller, asked: Search): Question {
  return {
    question: asked.question,
    scope: readScope(caller, asked.tenant_id),
    filter: {
      ...(asked.sources && { sources: asked.sources }),
      ...(asked.metadata && { metadata: asked.metadata }),
    },
    moment: {
      ...(asked.as_of && { asOf: asked.as_of.at }),
      ...(asked.transaction_as_of && { transactionAsOf: asked.transaction_as_of.at }),
    },
    referenceDate: asked.reference_date?.at ?? null,
    offsetMinutes: {
      ...(asked.reference_date && { referenceDate: asked.reference_date.offsetMinutes }),
      ...(asked.as_of && { asOf: asked.as_of.offsetMinutes }),
      ...(asked.transaction_as_of && { transactionAsOf: asked.transaction_as_of.offsetMinutes }),
    },
    limit: asked.limit ?? DEFAULT_LIMIT,
    includeProofTree: asked.include_proof_tree ?? false,
  };
}
