import { fieldsOf, textOf } from '../http/json.js';
import type { AskedPrompt } from '../wire.js';
import { minimalInstance, schemaInText } from '../minimal-instance.js';
import { linesBetween, numbered } from './read-prompt.js';
import { answerQuestion, classifyFacts, extractFacts } from './rules.js';

/** The answer to a prompt for which the stand-in has no rule. */
export const STAND_IN_SENTENCE =
  'This is the provider simulator: a rule-based stand-in that answers by fixed rules, not a language model.';

/**
 * Answers a prompt by rules: the same prompt always gets the same answer. It recognises the three prompts of this product
 * by their tags. Any other prompt gets a fixed sentence, or the smallest JSON that its schema accepts.
 */
export function standIn(asked: AskedPrompt): string {
  const schema = asked.json && (asked.json.schema ?? schemaInText(asked.system));
  const conversation = linesBetween('conversation', asked.turns);
  if (conversation !== undefined && acceptsFacts(schema))
    return JSON.stringify(extractFacts(numbered(conversation, 'n', 'text')));
  const fact = textOf(linesBetween('new_fact', asked.turns)?.[0]?.['fact']);
  const candidates = linesBetween('current_facts', asked.turns);
  if (fact !== undefined && candidates !== undefined && asked.json !== undefined)
    return JSON.stringify(classifyFacts(fact, numbered(candidates, 'candidate', 'fact')));
  if (asked.json !== undefined) {
    const shape = schema ?? schemaInText(asked.turns.at(-1)?.text ?? '');
    return JSON.stringify(shape === undefined ? {} : minimalInstance(shape));
  }
  const question = textOf(linesBetween('question', asked.turns)?.[0]?.['text']);
  const memories = linesBetween('memories', asked.turns);
  return question === undefined || memories === undefined
    ? STAND_IN_SENTENCE
    : answerQuestion(question, numbered(memories, 'mem', 'fact'));
}

/** Whether the requested shape is a list of facts. A call without a schema describes the shape in the prompt only. */
function acceptsFacts(schema: unknown): boolean {
  return schema === undefined || 'facts' in fieldsOf(fieldsOf(schema)['properties']);
}
