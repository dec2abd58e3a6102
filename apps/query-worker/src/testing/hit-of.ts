import type { Hit } from '@app/memory';
import { aHistory } from '@app/memory/testing';

const SAID_AT = new Date('2024-05-01T10:00:00Z');

/** A hit for tests, with this fact and, if given, one source turn. */
export function hitOf(text: string, said?: string): Hit {
  const turn = { id: 'turn-1', position: 0, role: 'user', name: null, saidAt: null };
  const turns = said === undefined ? [] : [{ ...turn, text: said }];
  const { memory, versions } = aHistory({ text, topic: 'Home', createdAt: SAID_AT, turns });
  const [version] = versions;
  if (!version) throw new Error('A memory has a version.');
  return { similarity: 0.5, seen: { memory, version } };
}
