/** Deeper than any real metadata, and far below what overflows the stack of a recursive serialiser. */
export const MAX_DEPTH = 64;

/** The names and indexes that lead to a value, from the root of a body or of the parameters. */
export type Path = readonly (string | number)[];

/**
 * Called with every text of a JSON value: a string under `step` in the list or object at `path`, or the name of a property
 * of it (`isName`). `path` is one array that changes during the walk.
 */
export type TextVisitor = (
  text: string,
  isName: boolean,
  path: Path,
  step: string | number | undefined,
) => void;

/** Covers everything that is stored: `MAX_DEPTH` in a body, and two levels more in a write of a batch. */
const SEARCHED_DEPTH = MAX_DEPTH + 2;

/** Copies the path of a text. A property name has the path of its object. */
export const placeOf = (isName: boolean, path: Path, step: string | number | undefined): Path =>
  isName || step === undefined ? [...path] : [...path, step];

/**
 * Calls `visit` with every text of a parsed JSON value. It reuses one array for the path, so that a body of a hundred
 * thousand values costs a few milliseconds.
 * @param tooDeep is called with the path of a list or object that has values below `depth`. Those values are not walked.
 * @param path the path of `root`. Its steps count towards the depth.
 */
export function visitTexts(
  root: unknown,
  visit: TextVisitor,
  tooDeep: (path: Path) => void = () => undefined,
  depth: number = SEARCHED_DEPTH,
  path: (string | number)[] = [],
): void {
  if (typeof root === 'string') return visit(root, false, path, undefined);
  if (typeof root !== 'object' || root === null) return;
  const isList = Array.isArray(root);
  const isDeepest = path.length >= depth;
  const names: readonly string[] | undefined = isList ? undefined : Object.keys(root);
  const count = names ? names.length : (root as unknown[]).length;
  for (let index = 0; index < count; index += 1) {
    const step = names ? names[index]! : index;
    const child = (root as Record<string | number, unknown>)[step];
    if (names) visit(step as string, true, path, undefined);
    if (typeof child === 'string') {
      if (isDeepest) tooDeep(path);
      else visit(child, false, path, step);
    } else if (typeof child === 'object' && child !== null) {
      if (isDeepest) {
        tooDeep(path);
        continue;
      }
      path.push(step);
      visitTexts(child, visit, tooDeep, depth, path);
      path.pop();
    }
  }
}

/** The fault of a text that Postgres or UTF-8 cannot store, or of a property name that a JavaScript object cannot have. */
export function textFault(text: string, isName: boolean): string | undefined {
  const what = isName ? 'has a property whose name holds' : 'holds';
  if (text.includes('\0')) return `${what} a NUL character`;
  if (!text.isWellFormed()) return `${what} half a surrogate pair: it is no valid Unicode`;
  if (isName && text === '__proto__')
    return 'has a property called __proto__, which cannot be kept: give it another name';
  return undefined;
}
