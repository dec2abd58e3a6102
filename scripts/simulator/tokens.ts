import type { AskedPrompt, GeneratedAnswer } from './wire.js';

/** An estimate for limits and usage: four characters are one token. */
export function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}

export function inputTokensOf(asked: AskedPrompt): number {
  return asked.turns.reduce(
    (sum, turn) => sum + tokensOf(turn.text) + 4,
    tokensOf(asked.system) + 3,
  );
}

/** Cuts an answer at the first stop sequence of the request, or at its token limit. */
export function cutToLimits(text: string, asked: AskedPrompt): GeneratedAnswer {
  const inputTokens = inputTokensOf(asked);
  const cut = asked.stops
    .map((stop) => ({ stop, at: stop === '' ? -1 : text.indexOf(stop) }))
    .filter(({ at }) => at >= 0)
    .toSorted((a, b) => a.at - b.at)[0];
  const whole = cut === undefined ? text : text.slice(0, cut.at);
  const limit = (asked.maxOutputTokens ?? Number.POSITIVE_INFINITY) * 4;
  if (whole.length > limit) {
    const shown = whole.slice(0, limit);
    return { text: shown, stop: 'length', inputTokens, outputTokens: tokensOf(shown) };
  }
  return {
    text: whole,
    stop: cut === undefined ? 'end' : 'stop-sequence',
    stopSequence: cut?.stop,
    inputTokens,
    outputTokens: Math.max(1, tokensOf(whole)),
  };
}

/** Splits an answer into the pieces of a stream, about one word each. */
export function deltasOf(text: string): readonly string[] {
  return text.match(/\s*\S{1,12}/g) ?? (text === '' ? [] : [text]);
}
