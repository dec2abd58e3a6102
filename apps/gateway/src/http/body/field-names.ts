/** Names in other products for a label that keeps memories apart, such as the end user. Our name is `tenant_id`. */
const END_USER_NAMES: ReadonlySet<string> = new Set(
  ['user_id', 'end_user_id', 'agent_id', 'run_id', 'app_id', 'container_tag', 'bank_id', 'group_id']
    .map(fold)
    .flatMap((name) => [name, `${name}s`]),
);
const OURS = 'tenantid';
const MAX_DISTANCE = 2;

/** `user_id`, `userId`, `user-id` and `USER ID` fold to the same text. */
export function fold(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/**
 * Whether an unknown field is meant to separate the memories of end users: its name is another product's name for the end
 * user, or a misspelling of `tenant_id`. Such a field is refused: ignoring it would mix the memories of several end users.
 */
export function namesAnEndUser(name: string): boolean {
  if (name.length > MAX_NAME_CHARACTERS) return false;
  // Query strings write lists as `user_id[0]`, comparisons as `user_id[eq]` and objects as `filters[user_id]`.
  const [first = '', ...inner] = name.split('[');
  const names = isFilter(first) ? [first, ...inner] : [first];
  return names.map(fold).some(isEndUser);
}

const isEndUser = (folded: string): boolean =>
  END_USER_NAMES.has(folded) || editDistance(folded, OURS, MAX_DISTANCE) <= MAX_DISTANCE;

/** Names in other products for the object of search filters. */
const FILTERS: ReadonlySet<string> = new Set(['filter', 'filters', 'where', 'scope']);

const isFilter = (name: string): boolean => FILTERS.has(fold(name));

/** Real filters are smaller and less deeply nested. */
const MAX_FILTER_NAMES = 100;
const MAX_FILTER_DEPTH = 4;

/**
 * Finds the names of end users in an unknown filter, as in `{"filters": {"AND": [{"user_id": "ada"}]}}`.
 * @returns the path to each, without the filter's own name.
 */
export function endUsersInFilter(name: string, value: unknown): readonly (readonly string[])[] {
  if (name.length > MAX_NAME_CHARACTERS || !isFilter(name)) return [];
  const found: string[][] = [];
  const left: { readonly value: unknown; readonly path: string[] }[] = [{ value, path: [] }];
  let looks = MAX_FILTER_NAMES;
  for (let next = left.pop(); next; next = left.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue;
    const object = next.value as Readonly<Record<string, unknown>>;
    // `for … in` can stop early. Object.keys would first copy all names of a large object.
    for (const inner in object) {
      if ((looks -= 1) < 0) return found;
      const path = [...next.path, inner];
      if (namesAnEndUser(inner)) found.push(path);
      else if (path.length < MAX_FILTER_DEPTH) left.push({ value: object[inner], path });
    }
  }
  return found;
}

/** A longer name cannot be a misspelling of these names. */
const MAX_NAME_CHARACTERS = 64;

/** Names in other products, with our names for the same field. */
const OUR_NAMES: ReadonlyMap<string, readonly string[]> = new Map([
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
/** A shorter name is within two edits of too many names. */
const MIN_CHARACTERS = 4;
const MAX_CHARACTERS = 64;

/** The known name that an unknown name most likely means; undefined if none is close. */
export function suggestedName(name: string, known: Iterable<string>): string | undefined {
  if (name.length > MAX_CHARACTERS) return undefined;
  const names = [...known];
  const folded = fold(name);
  const [named] = (OUR_NAMES.get(folded) ?? []).filter((one) => names.includes(one));
  if (named !== undefined || folded.length < MIN_CHARACTERS) return named;
  const near = names
    .map((one) => ({ one, distance: editDistance(folded, fold(one), MAX_DISTANCE) }))
    .filter(({ distance }) => distance <= MAX_DISTANCE)
    .toSorted((a, b) => a.distance - b.distance);
  return near[0]?.one;
}

/**
 * The edit distance of two names: added, removed, replaced and swapped characters (Damerau and Levenshtein).
 * @param atMost for a larger distance the result may be any number above this one.
 */
export function editDistance(one: string, other: string, atMost: number): number {
  if (Math.abs(one.length - other.length) > atMost) return atMost + 1;
  let before: number[] = [];
  let above = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let at = 1; at <= other.length; at += 1) {
      const isSame = one[row - 1] === other[at - 1];
      let least = Math.min(above[at - 1]! + (isSame ? 0 : 1), above[at]! + 1, current[at - 1]! + 1);
      if (row > 1 && at > 1 && one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1])
        least = Math.min(least, before[at - 2]! + 1);
      current.push(least);
    }
    before = above;
    above = current;
  }
  return above[other.length]!;
}
