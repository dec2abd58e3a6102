import { describe } from 'vitest';

import { InMemoryMemoryStore } from './in-memory-memory-store.js';
import { itShortensTurns } from './long-turns-conformance.js';
import { itKeepsMemories } from './memory-store-conformance.js';

describe('InMemoryMemoryStore', () => {
  itKeepsMemories(async (histories) => new InMemoryMemoryStore(histories));
  itShortensTurns(async (histories) => new InMemoryMemoryStore(histories));
});
