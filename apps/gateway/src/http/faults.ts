import { AppError, type FieldFault } from '@app/errors';
import type { z } from 'zod';

import type { Path } from './texts.js';

type Issue = z.core.$ZodIssue;

const MAX_FAULTS = 100;
/** Names like ours. Another might be anything, a key put into the wrong place included: it is not quoted. */
const PLAIN_NAME = /^[a-z]{1,24}(_[a-z]{1,24}){0,3}$/;

/**
 * What is wrong with a request, as the one error that says it.
 * @param under where in the body the part is that the faults are in.
 */
export function refusalOf(
  faults: readonly { path: Path; message: string }[],
  under: Path = [],
): AppError {
  const named = faults.slice(0, MAX_FAULTS).map(({ path, message }): FieldFault => ({
    path: pointerOf([...under, ...path]),
    message,
  }));
  const onlyLlm = faults.every(({ path }) => path[0] === 'llm');
  return onlyLlm
    ? new AppError('llm_invalid_request', 'The llm object is malformed: see errors.', {
        faults: named,
      })
    : new AppError('invalid_request', 'The request is malformed: see errors.', { faults: named });
}

/** A schema's issues in our words; no message quotes a value. */
export function faultsOf(
  issues: readonly Issue[],
  under: Path = [],
): readonly { path: Path; message: string }[] {
  return issues.flatMap((issue) => {
    const path = [...under, ...(issue.path as Path)];
    if (issue.code === 'invalid_union') return faultsOfUnion(issue.errors, path);
    if (issue.code !== 'unrecognized_keys') return [{ path, message: messageOf(issue) }];
    return issue.keys.map((name) =>
      PLAIN_NAME.test(name)
        ? { path: [...path, name], message: 'is not a field that is known here' }
        : { path, message: 'has a field that is not known here' },
    );
  });
}

/** Of several shapes that a value may have, the one that was meant: whose fault lies deepest. */
function faultsOfUnion(
  branches: readonly (readonly Issue[])[],
  path: Path,
): readonly { path: Path; message: string }[] {
  const depth = (issues: readonly Issue[]): number =>
    Math.max(0, ...issues.map((issue) => issue.path.length));
  const [meant] = branches.toSorted((one, other) => depth(other) - depth(one));
  if (meant && depth(meant) > 0) return faultsOf(meant, path);
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

/** RFC 6901. */
function pointerOf(path: Path): string {
  return path
    .map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
