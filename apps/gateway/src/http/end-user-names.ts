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
  // `user_id[0]` and `user_id[eq]` are how query strings write lists and comparisons, `filters[user_id]` objects.
  const [first = '', ...inner] = name.split('[');
  const names = isFilter(first) ? [first, ...inner] : [first];
  return names.map(fold).some(isEndUser);
}

const isEndUser = (folded: string): boolean =>
  ELSEWHERE.has(folded) || editDistance(folded, OURS, MAX_DISTANCE) <= MAX_DISTANCE;

/** Objects in which other products take what a search is narrowed by. */
const FILTERS: ReadonlySet<string> = new Set(['filter', 'filters', 'where', 'scope']);

const isFilter = (name: string): boolean => FILTERS.has(fold(name));

/** A filter of any client has fewer names, and is nested less deeply. */
const MAX_FILTER_NAMES = 100;
const MAX_FILTER_DEPTH = 4;

/**
 * The places in an unknown filter that name an end user, as in `{"filters": {"AND": [{"user_id": "ada"}]}}`.
 * @returns the names that lead to each, without the filter's own.
 */
export function endUsersInFilter(name: string, value: unknown): readonly (readonly string[])[] {
  if (name.length > MAX_NAME_CHARACTERS || !isFilter(name)) return [];
  const found: string[][] = [];
  const left: { readonly value: unknown; readonly path: string[] }[] = [{ value, path: [] }];
  let looks = MAX_FILTER_NAMES;
  for (let next = left.pop(); next; next = left.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue;
    const object = next.value as Readonly<Record<string, unknown>>;
    // `for … in` stops early: Object.keys would copy the names of a large object first.
    for (const inner in object) {
      if ((looks -= 1) < 0) return found;
      const path = [...next.path, inner];
      if (namesAnEndUser(inner)) found.push(path);
      else if (path.length < MAX_FILTER_DEPTH) left.push({ value: object[inner], path });
    }
  }
  return found;
}

/** A longer name is no spelling of one of these. */
const MAX_NAME_CHARACTERS = 64;
