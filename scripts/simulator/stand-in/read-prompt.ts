import { type Fields, isFields, numberOf, parseJson, textOf } from '../http/json.js';
import type { AskedTurn } from '../wire.js';

/** The JSON lines between two tags of the prompt; undefined if the prompt does not have these tags. */
export function linesBetween(
  tag: string,
  turns: readonly AskedTurn[],
): readonly Fields[] | undefined {
  const pattern = new RegExp(`<${tag}\\b[^>]*>([\\s\\S]*?)</${tag}>`);
  // A repair turn follows the prompt, so the last user turn that has the tags counts.
  const content = turns
    .filter(({ role }) => role === 'user')
    .map(({ text }) => pattern.exec(text)?.[1])
    .findLast((found) => found !== undefined);
  return content
    ?.split('\n')
    .map((line) => parseJson(line))
    .filter(isFields);
}

/** A text of the prompt and its number there. */
export interface NumberedText {
  readonly number: number;
  readonly text: string;
  readonly line: Fields;
}

export function numbered(
  lines: readonly Fields[],
  numberField: string,
  textField: string,
): readonly NumberedText[] {
  return lines.flatMap((line) => {
    const [number, text] = [numberOf(line[numberField]), textOf(line[textField])];
    return number === undefined || text === undefined ? [] : [{ number, text, line }];
  });
}
