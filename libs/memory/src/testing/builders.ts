import { randomUUID } from 'node:crypto';

import type { Extraction, Memory } from '../memories/memory.js';
import type { Version } from '../memories/version.js';
import type { Answer, NewQuery, Question } from '../queries/query.js';
import type { SupersessionPolicy } from '../supersession/comparison.js';
import type {
  CandidateFact,
  ContentWrite,
  Message,
  MessagesWrite,
  WriteScope,
} from '../writes/write.js';
import type { ExtractedFacts, NewWrite } from '../writes/write-job.js';

const SCOPE: WriteScope = {
  tenantId: null,
  source: 'agent',
  sessionId: null,
  externalId: null,
  metadata: {},
  validFrom: null,
  recordedAt: null,
  supersession: null,
};

export const aMessage = (given: Partial<Message> = {}): Message => ({
  role: 'user',
  name: null,
  at: null,
  content: 'I moved to Lisbon last spring.',
  ...given,
});

export const aContentWrite = (given: Partial<ContentWrite> = {}): ContentWrite => ({
  ...SCOPE,
  content: 'Ana lives in Lisbon.',
  topic: 'General',
  category: 'other',
  importance: 5,
  ...given,
});

export const aMessagesWrite = (given: Partial<MessagesWrite> = {}): MessagesWrite => ({
  ...SCOPE,
  messages: [aMessage()],
  dryRun: false,
  ...given,
});

export const aPolicy = (given: Partial<SupersessionPolicy> = {}): SupersessionPolicy => ({
  excludedCategories: ['health_medical', 'legal_status'],
  minConfidence: 0.85,
  classifierModel: 'claude-haiku-4-5-20251001',
  classifierAccount: 'caller',
  ...given,
});

export const aFact = (given: Partial<CandidateFact> = {}): CandidateFact => ({
  text: 'Ana moved to Lisbon in the spring of 2021.',
  topic: 'Home',
  category: 'location',
  importance: 6,
  validFrom: null,
  positions: [0],
  ...given,
});

export const anExtraction = (given: Partial<Extraction> = {}): Extraction => ({
  provider: 'openai',
  model: 'gpt-5-mini',
  byoLlm: true,
  baseUrlHost: 'llm.example',
  promptVersion: '1',
  extractedAt: new Date('2026-05-01T12:00:00Z'),
  ...given,
});

export const extracted = (
  facts: readonly CandidateFact[],
  given: Partial<ExtractedFacts> = {},
): ExtractedFacts => ({
  facts,
  extraction: anExtraction(),
  llmCalls: 1,
  usage: { inputTokens: 120, outputTokens: 30 },
  spent: [{ owner: 'caller', llmCalls: 1, usage: { inputTokens: 120, outputTokens: 30 } }],
  comparisons: [],
  note: null,
  ...given,
});

export const aNewWrite = (given: Partial<NewWrite> = {}): NewWrite => ({
  id: randomUUID(),
  asker: { accountId: randomUUID(), apiKeyId: randomUUID() },
  request: aMessagesWrite(),
  writesPerMonth: null,
  llmAccount: 'caller',
  audit: { provider: 'openai', model: 'gpt-5-mini', baseUrlHost: 'llm.example' },
  waiting: false,
  deadlineAt: new Date('2030-01-01T00:00:00Z'),
  requestId: 'req-1',
  ...given,
});

export const aQuestion = (given: Partial<Question> = {}): Question => ({
  question: 'Where does Ana live?',
  scope: { accountId: randomUUID(), tenantId: null },
  filter: {},
  moment: {},
  referenceDate: null,
  limit: 10,
  includeProofTree: false,
  ...given,
});

export const aNewQuery = (given: Partial<NewQuery> = {}): NewQuery => ({
  id: randomUUID(),
  asker: { accountId: randomUUID(), apiKeyId: randomUUID() },
  question: aQuestion(),
  llmAccount: 'bundled',
  deadlineAt: new Date('2030-01-01T00:00:00Z'),
  requestId: 'req-1',
  ...given,
});

export const anAnswer = (given: Partial<Answer> = {}): Answer => ({
  text: 'In Lisbon [mem-1].',
  grounded: true,
  hits: [{ memoryId: randomUUID(), similarity: 0.8, cited: true }],
  searched: 3,
  generation: {
    provider: 'anthropic',
    model: 'm',
    byoLlm: false,
    llmCalls: 1,
    usage: { inputTokens: 90, outputTokens: 9 },
  },
  ...given,
});

/** A memory with all that was ever believed of it. */
export interface History {
  readonly memory: Memory;
  readonly versions: readonly Version[];
}

export const aMemory = (given: Partial<Memory> = {}): Memory => ({
  id: randomUUID(),
  accountId: randomUUID(),
  tenantId: null,
  source: 'agent',
  sessionId: null,
  externalId: null,
  metadata: {},
  text: 'Ana lives in Lisbon.',
  topic: 'General',
  category: 'other',
  importance: 5,
  createdAt: new Date('2021-01-10T00:00:00Z'),
  capturedAt: new Date('2021-01-10T00:00:00Z'),
  extraction: null,
  turns: [],
  turnsShortened: false,
  ...given,
});

export function aHistory(
  given: Partial<Memory> = {},
  ...beliefs: readonly Partial<Version>[]
): History {
  const memory = aMemory(given);
  const first: Version = {
    memoryId: memory.id,
    validFrom: memory.createdAt,
    validTo: null,
    supersededBy: null,
    believedFrom: memory.createdAt,
    believedTo: null,
  };
  return {
    memory,
    versions: (beliefs.length === 0 ? [{}] : beliefs).map((belief) => ({ ...first, ...belief })),
  };
}
