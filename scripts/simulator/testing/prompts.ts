import { fieldsOf, listOf, parseJson, textOf } from '../http/json.js';

/** The schema of an extraction in the strict subset, like the one that the extraction worker sends. */
export const FACTS_SCHEMA = {
  type: 'object' as const,
  additionalProperties: false,
  required: ['facts', 'note'],
  properties: {
    facts: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['fact', 'topic', 'category', 'importance', 'valid_from', 'messages'],
        properties: {
          fact: { type: 'string' },
          topic: { type: 'string' },
          category: { type: 'string' },
          importance: { type: 'integer' },
          valid_from: { type: ['string', 'null'] },
          messages: { type: 'array', items: { type: 'integer' } },
        },
      },
    },
    note: { type: ['string', 'null'] },
  },
};

export const WRITE_PROMPT = `<conversation recorded_at="2024-05-01T10:00:00.000Z">
{"n":0,"role":"user","name":null,"at":null,"text":"My name is Dana and I work at Globex."}
{"n":1,"role":"assistant","name":null,"at":null,"text":"Nice to meet you, Dana!"}
</conversation>`;

/** The facts in the answer to an extraction. */
export function factsOf(json: string | null | undefined): readonly string[] {
  const { facts } = fieldsOf(parseJson(json ?? ''));
  return listOf(facts).map((fact) => textOf(fieldsOf(fact)['fact']) ?? '');
}
