import { editDistance } from './near-names.js';

/** How other products call the one end user whom a memory is about. */
const ELSEWHERE: ReadonlySet<string> = new Set(
  ['user_id', 'end_user_id', 'agent_id', 'run_id', 'app_id', 'container_tag', 'bank_id', 'group_id']
    .map(fold)
    .flatMap((name) => [name, `${name}s`]),
);
const OURS = 'tenantid';
const MAX_DISTANCE = 2;

/** The same for `user_id`, `userId`, `user-id` and `USER ID`. */
export function fold(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/**
 * Whether a field that is not known was to keep one end user's memories apart. Ignored, it would mix them with another's,
 * so it is refused.
 */
export function namesAnEndUser(name: string): boolean {
  if (name.length > MAX_NAME_CHARACTERS) return false;
  // `user_id[0]` and `user_id[eq]` are how query strings write lists and comparisons.
  const folded = fold(name.split('[', 1)[0] ?? '');
  return ELSEWHERE.has(folded) || editDistance(folded, OURS, MAX_DISTANCE) <= MAX_DISTANCE;
}

/** A longer name is no spelling of one of these. */
const MAX_NAME_CHARACTERS = 64;
