export {
  aContentWrite,
  aFact,
  aHistory,
  aMemory,
  aMessage,
  aMessagesWrite,
  anAnswer,
  aNewQuery,
  aNewWrite,
  anExtraction,
  aPolicy,
  aQuestion,
  extracted,
  type History,
} from './builders.js';
export { itKeepsHistory } from './history-store-conformance.js';
export { InMemoryHistoryStore } from './in-memory-history-store.js';
export { InMemoryMemoryStore } from './in-memory-memory-store.js';
export { itShortensTurns } from './long-turns-conformance.js';
export { itKeepsMemories } from './memory-store-conformance.js';
