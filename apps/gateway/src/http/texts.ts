import { AppError, type FieldFault } from '@app/errors';

/** Where something is, from the root of a body or a set of parameters. */
export type Path = readonly (string | number)[];

/** One string of a body: a value, or the name of a property (`path` is then the object that has it). */
export interface Text {
  readonly path: Path;
  readonly text: string;
  readonly isName: boolean;
}

/** Deeper than anybody's metadata, and far from what a recursive serialiser cannot take. */
export const MAX_DEPTH = 64;

/**
 * Every string in a parsed JSON value. What is under a path is left out when `skip` says so: it must end somewhere, for
 * the value may be nested as deeply as it likes.
 */
export function* textsOf(
  root: unknown,
  skip: (path: Path, value: unknown) => boolean,
): Generator<Text> {
  const left: { readonly path: Path; readonly value: unknown }[] = [{ path: [], value: root }];
  for (let next = left.pop(); next; next = left.pop()) {
    const { path, value } = next;
    if (typeof value === 'string') yield { path, text: value, isName: false };
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, child] of Object.entries(value)) {
      const at = [...path, Array.isArray(value) ? Number(name) : name];
      if (skip(at, child)) continue;
      if (!Array.isArray(value)) yield { path, text: name, isName: true };
      if (typeof child === 'string' || typeof child === 'object')
        left.push({ path: at, value: child });
    }
  }
}

/**
 * Every text of a parsed JSON value that cannot be kept.
 * @throws AppError `invalid_request` for a value that is nested too deeply.
 */
export function textFaultsOf(root: unknown): readonly { path: Path; message: string }[] {
  return [...textsOf(root, refuseTooDeep)].flatMap((text) => {
    const message = textFault(text);
    return message === undefined ? [] : [{ path: text.path, message }];
  });
}

/** Text that Postgres refuses or that no UTF-8 can hold. */
function textFault({ text, isName }: Text): string | undefined {
  const what = isName ? 'has a property whose name holds' : 'holds';
  if (text.includes('\0')) return `${what} a NUL character`;
  if (!text.isWellFormed()) return `${what} half a surrogate pair: it is no valid Unicode`;
  return undefined;
}

function refuseTooDeep({ length }: Path, value: unknown): boolean {
  if (length <= MAX_DEPTH || !['string', 'object'].includes(typeof value)) return false;
  const fault: FieldFault = { path: '', message: `is nested deeper than ${MAX_DEPTH} levels` };
  throw new AppError('invalid_request', 'The request is nested too deeply.', { faults: [fault] });
}
