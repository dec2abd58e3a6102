import { fold } from './end-user-names.js';
import { editDistance } from './near-names.js';

/** How other products call what has a name of its own here. */
const ELSEWHERE: ReadonlyMap<string, readonly string[]> = new Map([
  ['query', ['question']],
  ['q', ['question']],
  ['prompt', ['question']],
  ['text', ['content']],
  ['memory', ['content']],
  ['fact', ['content']],
  ['conversation', ['messages']],
  ['items', ['writes']],
  ['memories', ['writes', 'messages']],
  ['filter', ['metadata']],
  ['filters', ['metadata']],
  ['topk', ['limit']],
  ['k', ['limit']],
  ['n', ['limit']],
  ['pagesize', ['limit']],
  ['page', ['cursor']],
  ['nextcursor', ['cursor']],
  ['user', ['tenant_id']],
  ['namespace', ['tenant_id']],
  ['timestamp', ['recorded_at', 'at']],
  ['createdat', ['recorded_at', 'at']],
  ['validat', ['valid_from']],
  ['invalidat', ['valid_to']],
]);
/** In shorter names any other is near. */
const MIN_CHARACTERS = 4;
const MAX_CHARACTERS = 64;
const MAX_DISTANCE = 2;

/** Of the names that are known in a place, the one that was meant by another; undefined where none is near. */
export function suggestedName(name: string, known: Iterable<string>): string | undefined {
  if (name.length > MAX_CHARACTERS) return undefined;
  const names = [...known];
  const folded = fold(name);
  const [named] = (ELSEWHERE.get(folded) ?? []).filter((one) => names.includes(one));
  if (named !== undefined || folded.length < MIN_CHARACTERS) return named;
  const near = names
    .map((one) => ({ one, distance: editDistance(folded, fold(one), MAX_DISTANCE) }))
    .filter(({ distance }) => distance <= MAX_DISTANCE)
    .toSorted((a, b) => a.distance - b.distance);
  return near[0]?.one;
}
