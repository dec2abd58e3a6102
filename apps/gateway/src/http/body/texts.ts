/** Deeper than any real metadata, and far below what overflows the stack of a recursive serialiser. */
export const MAX_DEPTH = 64;

/** Where something is, from the root of a body or a set of parameters. */
export type Path = readonly (string | number)[];

/**
 * Is called with every text of a JSON value: a string in the list or object at `path`, under `step`, or the name of a
 * property of it (`isName`). `path` is one array that changes while the walk goes on.
 */
export type TextVisitor = (
  text: string,
  isName: boolean,
  path: Path,
  step: string | number | undefined,
) => void;

/** Deep enough for what the gateway keeps, in a body (`MAX_DEPTH`) and in a write of a batch. */
const SEARCHED_DEPTH = MAX_DEPTH + 2;

/** Where a text was found, as a path that stays. A name is told by the object that has it. */
export const placeOf = (isName: boolean, path: Path, step: string | number | undefined): Path =>
  isName || step === undefined ? [...path] : [...path, step];

/**
 * Calls `visit` with every text of a parsed JSON value. No path is built for it, but for the one that the walk stands at:
 * a body of a hundred thousand values costs a few milliseconds.
 * @param tooDeep is called with the place of what lies deeper than `depth`, and is not walked.
 * @param path where `root` is; its steps count as depth.
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

/** What is wrong with a text that Postgres refuses or that no UTF-8 can hold, or with a name that an object cannot keep. */
export function textFault(text: string, isName: boolean): string | undefined {
  const what = isName ? 'has a property whose name holds' : 'holds';
  if (text.includes('\0')) return `${what} a NUL character`;
  if (!text.isWellFormed()) return `${what} half a surrogate pair: it is no valid Unicode`;
  if (isName && text === '__proto__')
    return 'has a property called __proto__, which cannot be kept: give it another name';
  return undefined;
}
