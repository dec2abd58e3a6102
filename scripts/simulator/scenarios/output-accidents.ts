import { fieldsOf, listOf, parseJson } from '../http/json.js';
import type { AskedPrompt, GeneratedAnswer } from '../wire.js';
import { KEY_ECHOES } from './key-echo.js';

/** A faulty answer of a model that is sent with status 200, such as broken JSON. */
export interface OutputAccident {
  /** In kebab-case. A request for the model `sim-<name>` gets this answer. */
  readonly name: string;
  generate(asked: AskedPrompt, good: GeneratedAnswer, key: string): Partial<GeneratedAnswer>;
}

const accident = (name: string, generate: OutputAccident['generate']): OutputAccident => ({
  name,
  generate,
});
const text = (name: string, change: (good: string, asked: AskedPrompt) => string): OutputAccident =>
  accident(name, (asked, good) => ({ text: change(good.text, asked) }));

const REFUSAL = "I'm sorry, but I can't help with that.";

/** Whether the prompt holds an answer of the model, so a repair turn has already named the fault. */
const wasCorrected = (asked: AskedPrompt): boolean =>
  asked.turns.some(({ role }) => role === 'assistant');

export const OUTPUT_ACCIDENTS: readonly OutputAccident[] = [
  text('invalid-json', () => '{"facts": [{"fact": "cut'),
  text('invalid-json-once', (good, asked) =>
    wasCorrected(asked) ? good : '{"facts": [{"fact": "cut',
  ),
  text(
    'prose',
    () => 'Sure! There are several facts in this conversation. Would you like me to list them?',
  ),
  text(
    'prose-around-json',
    (good) => `Sure! Here is what I found:\n\n${good}\n\nLet me know if you need more.`,
  ),
  text('fenced-json', (good) => `\`\`\`json\n${good}\n\`\`\``),
  text(
    'thinking-json',
    (good) => `<think>\nThe user wants {"facts": []}, I guess.\n</think>\n\n${good}`,
  ),
  text('wrong-shape', () => JSON.stringify({ facts: 'none', remarks: 3 })),
  text('wrong-shape-once', (good, asked) =>
    wasCorrected(asked) ? good : JSON.stringify({ facts: 'none' }),
  ),
  text('wrong-messages', (good) =>
    changeFacts(good, (fact) => ({ ...fact, messages: [-1, 99_999] })),
  ),
  text('wrong-importance', (good) =>
    changeFacts(good, (fact) => ({ ...fact, importance: 42, category: 'gossip' })),
  ),
  text('wrong-dates', (good) =>
    changeFacts(good, (fact) => ({ ...fact, valid_from: 'some day last spring' })),
  ),
  text('nul-in-facts', (good) =>
    changeFacts(good, (fact) => ({ ...fact, fact: `${String(fact['fact'])}\u0000\uD800` })),
  ),
  text('same-fact-twice', (good) => changeFacts(good, (fact) => fact, 2)),
  text('schema-echo', (_good, asked) =>
    JSON.stringify(asked.json?.schema ?? { type: 'object', properties: {} }),
  ),
  text('empty-answer', () => ''),
  text('no-facts', () => JSON.stringify({ facts: [], note: 'Only small talk.' })),
  text('wrong-markers', (good) => `${good} [mem-99] [mem-0] [mem-abc] [mem-1][mem-1]`),
  text('no-markers', (good) => good.replace(/\s*\[mem-\d+\]/g, '')),
  accident('truncated', (_asked, good) => ({
    text: good.text.slice(0, Math.ceil(good.text.length / 2)),
    stop: 'length',
  })),
  accident('truncated-once', (asked, good) =>
    // Only a call with a limit of up to 8,192 tokens is cut off. The client repeats it with a higher limit and gets all of it.
    (asked.maxOutputTokens ?? 0) > 8_192
      ? {}
      : { text: good.text.slice(0, Math.ceil(good.text.length / 2)), stop: 'length' },
  ),
  accident('refusal', () => ({ text: REFUSAL, stop: 'refused' })),
  accident('content-filter', () => ({ text: '', stop: 'filtered' })),
  ...Object.entries(KEY_ECHOES).flatMap(([form, echo]) => [
    accident(`echo-key-answer-${form}`, (_asked, good, key) => ({
      text: `${good.text} Your key is ${echo(key)}.`,
    })),
    accident(`echo-key-fact-${form}`, (_asked, good, key) => ({
      text: changeFacts(good.text, (fact) => ({
        ...fact,
        fact: `${String(fact['fact'])} Key: ${echo(key)}`,
        topic: echo(key),
      })),
    })),
  ]),
];

/** Changes every fact of an answer. An answer without a list of facts is returned unchanged. */
function changeFacts(
  good: string,
  change: (fact: Readonly<Record<string, unknown>>) => object,
  times = 1,
): string {
  const answer = fieldsOf(parseJson(good));
  if (!Array.isArray(answer['facts'])) return good;
  const facts = listOf(answer['facts']).flatMap((fact) =>
    Array.from({ length: times }, () => change(fieldsOf(fact))),
  );
  return JSON.stringify({ ...answer, facts });
}
