import type { StopReason } from '../llm-provider.js';

/**
 * The meaning of the words in a stop reason. The first pattern that matches decides. `insufficient_system_resource` is
 * DeepSeek's, `sensitive` and `network_error` are Zhipu's, `model_length` is Mistral's, `abort` is vLLM's and SGLang's, `SAFETY`
 * is Gemini's.
 */
const MEANINGS: readonly (readonly [RegExp, StopReason])[] = [
  [/malformed|unexpected_tool/, 'other'],
  [
    /error|abort|cancel|fail|timed?_?out|interrupt|overload|insufficient|unavailable|preempt|disconnect|rate_?limit|quota/,
    'failed',
  ],
  [
    /filter|safety|sensitive|moderat|prohibited|blocked|blocklist|recitation|spii|guardrail|polic|censor|flagged/,
    'filtered',
  ],
  [/refus/, 'refused'],
  [/length|max.{0,20}token|limit|truncat|context_?window|incomplete/, 'length'],
  [/stop|end|eos|tool|function|complete|finish|done/, 'end'],
];

/** Some hosts send one of these in every event. They state no reason. */
const NOT_ENDED: ReadonlySet<string> = new Set(['', 'null', 'none', 'undefined']);

/**
 * Why generation ended, read from the host's own word in upper or lower case; undefined if the host states no reason. An unknown
 * word becomes `other`, and the answer counts as complete.
 */
export function readStopReason(given: unknown): StopReason | undefined {
  if (typeof given !== 'string') return undefined;
  const word = given
    .slice(0, 100)
    .trim()
    .toLowerCase()
    .replaceAll(/[\s.-]/g, '_');
  if (NOT_ENDED.has(word)) return undefined;
  return MEANINGS.find(([pattern]) => pattern.test(word))?.[1] ?? 'other';
}
