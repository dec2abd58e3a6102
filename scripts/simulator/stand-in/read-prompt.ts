import { fieldsOf, isFields, numberOf, parseJson, textOf } from '../http/json.js';
import type { AskedTurn } from '../wire.js';

export interface Said {
  readonly n: number;
  readonly role: string;
  readonly name: string | undefined;
  /** The time that relative dates are counted from. */
  readonly at: Date | undefined;
  readonly text: string;
}

export interface Remembered {
  readonly mem: number;
  readonly fact: string;
  readonly topic: string;
  readonly said: string;
  readonly validFrom: string | undefined;
  readonly validTo: string | undefined;
}

export interface NumberedFact {
  readonly candidate: number;
  readonly fact: string;
}

/** The messages of an extraction prompt; undefined where the prompt is another. */
export function readConversation(turns: readonly AskedTurn[]): readonly Said[] | undefined {
  const block = lastBlock(turns, /<conversation\b([^>]*)>\n?([\s\S]*?)<\/conversation>/);
  if (block === undefined) return undefined;
  const recordedAt = dateOf(/recorded_at="([^"]*)"/.exec(block.attributes)?.[1]);
  return lines(block.content).flatMap((line) => {
    const text = textOf(line['text']);
    const n = numberOf(line['n']);
    if (text === undefined || n === undefined) return [];
    const at = dateOf(textOf(line['at'])) ?? recordedAt;
    return [
      {
        n,
        role: textOf(line['role']) ?? 'user',
        name: textOf(line['name'])?.trim() || undefined,
        at,
        text,
      },
    ];
  });
}

/** The memories and the question of an answering prompt; undefined where the prompt is another. */
export function readQuestion(
  turns: readonly AskedTurn[],
): { readonly memories: readonly Remembered[]; readonly question: string } | undefined {
  const memories = lastBlock(turns, /<memories\b([^>]*)>\n?([\s\S]*?)<\/memories>/);
  const question = lastBlock(turns, /<question\b([^>]*)>([\s\S]*?)<\/question>/);
  if (memories === undefined || question === undefined) return undefined;
  return {
    question: textOf(fieldsOf(parseJson(question.content))['text']) ?? '',
    memories: lines(memories.content).flatMap((line) => {
      const mem = numberOf(line['mem']);
      const fact = textOf(line['fact']);
      if (mem === undefined || fact === undefined) return [];
      return [
        {
          mem,
          fact,
          topic: textOf(line['topic']) ?? '',
          said: textOf(line['said']) ?? '',
          validFrom: textOf(line['valid_from']),
          validTo: textOf(line['valid_to']),
        },
      ];
    }),
  };
}

/** The new fact and the candidates of a classifying prompt; undefined where the prompt is another. */
export function readComparison(
  turns: readonly AskedTurn[],
): { readonly fact: string; readonly candidates: readonly NumberedFact[] } | undefined {
  const fact = lastBlock(turns, /<new_fact\b([^>]*)>\n?([\s\S]*?)<\/new_fact>/);
  const candidates = lastBlock(turns, /<current_facts\b([^>]*)>\n?([\s\S]*?)<\/current_facts>/);
  if (fact === undefined || candidates === undefined) return undefined;
  return {
    fact: textOf(fieldsOf(parseJson(fact.content))['fact']) ?? '',
    candidates: lines(candidates.content).flatMap((line) => {
      const candidate = numberOf(line['candidate']);
      const text = textOf(line['fact']);
      return candidate === undefined || text === undefined ? [] : [{ candidate, fact: text }];
    }),
  };
}

/** A repair turn comes after the prompt, so the newest user turn that holds the block is the one. */
function lastBlock(
  turns: readonly AskedTurn[],
  pattern: RegExp,
): { readonly attributes: string; readonly content: string } | undefined {
  for (const turn of turns.toReversed()) {
    const found = turn.role === 'user' ? pattern.exec(turn.text) : null;
    if (found !== null) return { attributes: found[1] ?? '', content: found[2] ?? '' };
  }
  return undefined;
}

function lines(content: string) {
  return content
    .split('\n')
    .map((line) => parseJson(line))
    .filter(isFields);
}

/** The date and time that are written, whatever their offset, as if they were UTC: relative dates are counted by that calendar. */
function dateOf(text = ''): Date | undefined {
  const date = new Date(text.replace(/(?:Z|[+-]\d{2}:\d{2})$/, 'Z'));
  return Number.isNaN(date.getTime()) ? undefined : date;
}
