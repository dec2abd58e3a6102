import { PROVIDER_PREFIXES } from './bearer.js';
import type { Path } from './texts.js';

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
