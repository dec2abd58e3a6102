import { AppError, type FieldFault } from '@app/errors';
import type { z } from 'zod';

import { PROVIDER_PREFIXES } from '../auth/bearer.js';
import type { Path } from './texts.js';

type Issue = z.core.$ZodIssue;

const MAX_FAULTS = 100;
/** Names like ours. Another might be anything, a key put into the wrong place included: it is not quoted. */
const PLAIN_NAME = /^[a-z]{1,24}(_[a-z]{1,24}){0,3}$/;

/** One thing that is wrong with a request. `message` goes on from the place: "is required"; it quotes no value. */
export interface Fault {
  readonly path: Path;
  readonly message: string;
}

/**
 * What is wrong with a request, as the one error that says it.
 * @param under where in the body the part is that the faults are in.
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

/** The first fault as a sentence: most clients log and show `detail` alone. */
function detailOf(faults: readonly Fault[]): string {
  const [first, ...others] = faults;
  if (!first) return 'The request is malformed.';
  const place = first.path.length === 0 ? 'The body' : `\`${plainPointerOf(first.path)}\``;
  const more = others.length === 0 ? '' : ` (and ${others.length} more, see \`errors\`)`;
  const end = more === '' && first.message.endsWith('?') ? '' : '.';
  return `${place} ${first.message}${more}${end}`;
}

/**
 * A schema's issues in our words; no message quotes a value.
 * @param holdsKey whether a name holds a key of the body's `llm`: such a name is not repeated.
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

/** Of several shapes that a value may have, the one that was meant: whose fault lies deepest, or whose type it is of. */
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
/** How zod's own messages begin. A schema's own are kept as they are. */
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

/** With more list items than these a value is told its first fault alone. */
const MAX_ITEMS_CHECKED = 1_000;
/** What zod's own `validate` sets. `parse-with.spec.ts` fails if a later version reads it no more. */
const STOP_AT_FIRST_FAULT: z.core.ParseContextInternal<z.core.$ZodIssue> = { abortEarly: true };

/**
 * What a schema makes of a value. In a value with very many list items it looks for the first fault and no further: each
 * of a hundred thousand wrong items would become an issue with a path and a message, of which a hundred are told.
 * @param itemCount how many items the lists of the value hold together.
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

/** A longer name is none of ours, and a hundred faults would repeat it a hundred times. */
const MAX_STEP_CHARACTERS = 64;
/** Letters in words, and few digits: a key, or whatever else was put into a wrong place, has more. */
const HARMLESS_NAME =
  /^(?=.{1,64}$)(?!(?:\D*\d){5})\p{L}[\p{L}\p{N}]{0,23}([_.-][\p{L}\p{N}]{1,24}){0,7}(\[\])?$/u;

/** Whether a name that a request gave may be repeated to it. */
export const isHarmlessName = (name: string): boolean =>
  HARMLESS_NAME.test(name) && !KEY_PREFIXES.some((prefix) => name.startsWith(prefix));

const KEY_PREFIXES = [...PROVIDER_PREFIXES, 'aurra_'];

/** A JSON Pointer (RFC 6901). It ends before a name that no answer can carry. */
export function pointerOf(path: Path): string {
  const unfit = path.findIndex((step) => typeof step === 'string' && !isFit(step));
  return (unfit === -1 ? path : path.slice(0, unfit)).map((step) => `/${escaped(step)}`).join('');
}

/** The same for a sentence that is logged and shown to people: a name that might be anything is only hinted at. */
export function plainPointerOf(path: Path): string {
  return path
    .map((step) => (typeof step === 'number' || isHarmlessName(step) ? `/${escaped(step)}` : '/…'))
    .join('');
}

const isFit = (name: string): boolean =>
  name.length <= MAX_STEP_CHARACTERS && !name.includes('\0') && name.isWellFormed();

const escaped = (step: string | number): string =>
  String(step).replaceAll('~', '~0').replaceAll('/', '~1');
