import { describe } from 'vitest';

import { InMemoryMemoryStore } from './in-memory-memory-store.js';
import { itKeepsMemories } from './memory-store-conformance.js';

describe('InMemoryMemoryStore', () => {
  itKeepsMemories(async (histories) => new InMemoryMemoryStore(histories));
});
