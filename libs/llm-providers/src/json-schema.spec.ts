import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { strictJsonSchema } from './json-schema.js';

describe('a schema for a provider', () => {
  it('is closed, requires every key, and describes limits in words', () => {
    const schema = z.object({
      facts: z
        .array(
          z.object({
            fact: z.string().min(1).max(200).describe('One sentence.'),
            importance: z.int().min(1).max(10),
            category: z.enum(['work', 'other']),
            valid_from: z.string().nullable(),
            note: z.string().optional(),
          }),
        )
        .max(30),
    });
    expect(strictJsonSchema(schema)).toEqual({
      type: 'object',
      properties: {
        facts: {
          type: 'array',
          description: '(items at most 30)',
          items: {
            type: 'object',
            properties: {
              fact: {
                type: 'string',
                description: 'One sentence. (characters at least 1, characters at most 200)',
              },
              importance: { type: 'integer', description: '(at least 1, at most 10)' },
              category: { type: 'string', enum: ['work', 'other'] },
              valid_from: { type: ['string', 'null'] },
              note: { type: 'string' },
            },
            required: ['fact', 'importance', 'category', 'valid_from', 'note'],
            additionalProperties: false,
          },
        },
      },
      required: ['facts'],
      additionalProperties: false,
    });
  });

  it('uses anyOf in place of oneOf', () => {
    const union = z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('a') }),
      z.object({ kind: z.literal('b') }),
    ]);
    const text = JSON.stringify(strictJsonSchema(z.object({ union })));
    expect(text).toContain('"anyOf":[{');
    expect(text).not.toContain('oneOf');
  });

  it('keeps a property whose name is a keyword', () => {
    const { properties } = strictJsonSchema(z.object({ format: z.string(), default: z.int() }));
    expect(properties).toEqual({ format: { type: 'string' }, default: { type: 'integer' } });
  });
});
