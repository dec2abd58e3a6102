import { fieldsOf } from '../http/json.js';
import type { Asked } from '../wire.js';
import { answerQuestion } from './answer-question.js';
import { classifyFacts } from './classify-facts.js';
import { extractFacts } from './extract-facts.js';
import { minimalInstance, schemaInText } from './minimal-instance.js';
import { readComparison, readConversation, readQuestion } from './read-prompt.js';

/** What it says to a prompt that it has no rule for. */
export const STAND_IN_SENTENCE =
  'This is the provider simulator: a rule-based stand-in that answers by fixed rules, not a language model.';

/**
 * Answers a prompt by rules, the same one always the same way. It is no model: it knows the three prompts of this
 * product by their tags, and for any other gives a fixed sentence or the smallest JSON that fits.
 */
export function standIn(asked: Asked): string {
  const schema = asked.json && (asked.json.schema ?? schemaInText(asked.system));
  const conversation = readConversation(asked.turns);
  if (conversation !== undefined && takesFacts(schema))
    return JSON.stringify(extractFacts(conversation));
  const comparison = readComparison(asked.turns);
  if (comparison !== undefined && asked.json !== undefined)
    return JSON.stringify(classifyFacts(comparison));
  if (asked.json !== undefined) {
    const shape = schema ?? schemaInText(asked.turns.at(-1)?.text ?? '');
    return JSON.stringify(shape === undefined ? {} : minimalInstance(shape));
  }
  const question = readQuestion(asked.turns);
  return question === undefined ? STAND_IN_SENTENCE : answerQuestion(question);
}

/** Without a schema the prompt has said the shape in words. */
function takesFacts(schema: unknown): boolean {
  return schema === undefined || 'facts' in fieldsOf(fieldsOf(schema)['properties']);
}
