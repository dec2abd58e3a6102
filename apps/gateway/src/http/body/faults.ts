import { AppError, type FieldFault } from '@app/errors';
import type { z } from 'zod';

import { PROVIDER_PREFIXES } from '../auth/bearer.js';
import type { Path } from './texts.js';

type Issue = z.core.$ZodIssue;

const MAX_FAULTS = 100;
/** The shape of our own field names. Any other name may be a misplaced key and is not quoted. */
const PLAIN_NAME = /^[a-z]{1,24}(_[a-z]{1,24}){0,3}$/;

/** One fault of a request. `message` continues the path, as in "is required", and quotes no value. */
export interface Fault {
  readonly path: Path;
  readonly message: string;
}

/**
 * Makes one error of all faults of a request.
 * @param under the path of the part that the faults' paths begin at.
 */
export function refusalOf(faults: readonly Fault[], under: Path = []): AppError {
  const placed = faults.map(({ path, message }) => ({ path: [...under, ...path], message }));
  const onlyLlm = faults.every(({ path }) => path[0] === 'llm');
  return new AppError(onlyLlm ? 'llm_invalid_request' : 'invalid_request', detailOf(placed), {
    faults: placed
      .slice(0, MAX_FAULTS)
      .map(({ path, message }): FieldFault => ({ path: pointerOf(path), message })),
  });
}

/** The first fault as a sentence: most clients log and show only `detail`. */
function detailOf(faults: readonly Fault[]): string {
  const [first, ...others] = faults;
  if (!first) return 'The request is malformed.';
  const place = first.path.length === 0 ? 'The body' : `\`${plainPointerOf(first.path)}\``;
  const more = others.length === 0 ? '' : ` (and ${others.length} more, see \`errors\`)`;
  const end = more === '' && first.message.endsWith('?') ? '' : '.';
  return `${place} ${first.message}${more}${end}`;
}

/**
 * Converts the issues of a schema to faults. No message quotes a value.
 * @param holdsKey whether a name contains a key of the body's `llm`. Such a name is not quoted.
 */
export function faultsOf(
  issues: readonly Issue[],
  holdsKey: (name: string) => boolean,
  under: Path = [],
): readonly Fault[] {
  return issues.flatMap((issue) => {
    const path = [...under, ...(issue.path as Path)];
    if (issue.code === 'invalid_union') return faultsOfUnion(issue.errors, holdsKey, path);
    if (issue.code !== 'unrecognized_keys') return [{ path, message: messageOf(issue) }];
    return issue.keys.map((name) =>
      PLAIN_NAME.test(name) && !holdsKey(name)
        ? { path: [...path, name], message: 'is not a field that is known here' }
        : { path, message: 'has a field that is not known here' },
    );
  });
}

/** Reports the branch of a union that the client most likely meant: the one with the deepest fault, or of the right type. */
function faultsOfUnion(
  branches: readonly (readonly Issue[])[],
  holdsKey: (name: string) => boolean,
  path: Path,
): readonly Fault[] {
  const depth = (issues: readonly Issue[]): number =>
    Math.max(0, ...issues.map((issue) => issue.path.length));
  const [meant] = branches.toSorted((one, other) => depth(other) - depth(one));
  if (meant && depth(meant) > 0) return faultsOf(meant, holdsKey, path);
  const [fitting, ...others] = branches.filter((issues) => !issues.some(isOfAnotherType));
  if (fitting && others.length === 0) return faultsOf(fitting, holdsKey, path);
  const kinds = branches.flatMap((issues) =>
    issues.flatMap((issue) =>
      issue.code === 'invalid_type' ? [KINDS[issue.expected] ?? issue.expected] : [],
    ),
  );
  const isMissing = branches.flat().some(({ message }) => MISSING.test(message));
  return [
    { path, message: isMissing ? 'is required' : `must be ${[...new Set(kinds)].join(' or ')}` },
  ];
}

const isOfAnotherType = ({ code, path }: Issue): boolean =>
  code === 'invalid_type' && path.length === 0;

const MISSING = /received undefined$/;
/** How the default messages of zod begin. Messages of our schemas are kept. */
const DEFAULT = /^(Invalid|Too big|Too small|Unrecognized)\b/;
const KINDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function messageOf(issue: Issue): string {
  if (!DEFAULT.test(issue.message)) return issue.message;
  if (issue.code === 'invalid_type') {
    if (MISSING.test(issue.message)) return 'is required';
    return `must be ${KINDS[issue.expected] ?? issue.expected}`;
  }
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String).join(', ');
    return issue.values.length > 1 ? `must be one of ${values}` : `must be ${values}`;
  }
  if (issue.code === 'too_big') return `must ${sizeOf(issue.origin, 'at most', issue.maximum)}`;
  if (issue.code === 'too_small') return `must ${sizeOf(issue.origin, 'at least', issue.minimum)}`;
  return 'is not valid';
}

function sizeOf(origin: string, bound: string, limit: number | bigint): string {
  if (origin === 'string') return `have ${bound} ${limit} characters`;
  if (origin === 'array') return `have ${bound} ${limit} items`;
  return `be ${bound} ${limit}`;
}

/** With more list items than this, parsing stops at the first fault. */
const MAX_ITEMS_CHECKED = 1_000;
/** An internal option of zod. `faults.spec.ts` fails if a later version ignores it. */
const STOP_AT_FIRST_FAULT: z.core.ParseContextInternal<z.core.$ZodIssue> = { abortEarly: true };

/**
 * Parses a value. With very many list items it stops at the first fault: otherwise each of a hundred thousand wrong items
 * would become an issue, and only a hundred are reported.
 * @param itemCount number of list items in the whole value.
 */
export function parseWith<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  itemCount: number,
): z.ZodSafeParseResult<z.output<Schema>> {
  return itemCount > MAX_ITEMS_CHECKED
    ? schema.safeParse(value, STOP_AT_FIRST_FAULT)
    : schema.safeParse(value);
}

/** No field of ours has a longer name, and up to a hundred faults would repeat a long name. */
const MAX_STEP_CHARACTERS = 64;
/** Words of letters with at most four digits. A key in the wrong place has more digits. */
const HARMLESS_NAME =
  /^(?=.{1,64}$)(?!(?:\D*\d){5})\p{L}[\p{L}\p{N}]{0,23}([_.-][\p{L}\p{N}]{1,24}){0,7}(\[\])?$/u;

/** Whether an error may quote a name from the request. */
export const isHarmlessName = (name: string): boolean =>
  HARMLESS_NAME.test(name) && !KEY_PREFIXES.some((prefix) => name.startsWith(prefix));

const KEY_PREFIXES = [...PROVIDER_PREFIXES, 'aurra_'];

/** A JSON Pointer (RFC 6901). It ends before a name that is too long or not valid Unicode. */
export function pointerOf(path: Path): string {
  const unprintable = path.findIndex((step) => typeof step === 'string' && !isPrintable(step));
  return (unprintable === -1 ? path : path.slice(0, unprintable))
    .map((step) => `/${escaped(step)}`)
    .join('');
}

/** A JSON Pointer for `detail`, which is logged: a name that may be a secret becomes `…`. */
export function plainPointerOf(path: Path): string {
  return path
    .map((step) => (typeof step === 'number' || isHarmlessName(step) ? `/${escaped(step)}` : '/…'))
    .join('');
}

const isPrintable = (name: string): boolean =>
  name.length <= MAX_STEP_CHARACTERS && !name.includes('\0') && name.isWellFormed();

const escaped = (step: string | number): string =>
  String(step).replaceAll('~', '~0').replaceAll('/', '~1');
