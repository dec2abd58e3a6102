import { describe } from 'vitest';

import { itKeepsHistory } from './history-store-conformance.js';
import { InMemoryHistoryStore } from './in-memory-history-store.js';
import { InMemoryMemoryStore } from './in-memory-memory-store.js';
import { itShortensTurns } from './long-turns-conformance.js';
import { itKeepsMemories } from './memory-store-conformance.js';

describe('InMemoryMemoryStore', () => {
  itKeepsMemories(async (histories) => new InMemoryMemoryStore(histories));
  itShortensTurns(async (histories) => new InMemoryMemoryStore(histories));
});

describe('InMemoryHistoryStore', () => {
  itKeepsHistory(async (given) => {
    const histories = [...given];
    const history = new InMemoryHistoryStore(histories);
    return {
      history,
      memories: new InMemoryMemoryStore(histories),
      erase: async (memoryId) => history.erase(memoryId),
    };
  });
});
