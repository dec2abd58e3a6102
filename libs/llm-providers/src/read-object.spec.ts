import { CallerKey } from '@app/caller-keys';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { readObject } from './read-object.js';
import { scrubberFor } from './boundary/scrub.js';

const SCHEMA = z.object({ city: z.string(), people: z.int().min(1) });
const KEY = 'sk-test-0123456789abcdef';
const read = (text: string) => readObject(text, SCHEMA, scrubberFor(new CallerKey(KEY)));
const PARIS = { city: 'Paris', people: 2 };
const JSON_TEXT = JSON.stringify(PARIS);

describe('a model’s text holds the value', () => {
  it.each([
    ['alone', JSON_TEXT],
    ['in a fence', `\`\`\`json\n${JSON_TEXT}\n\`\`\``],
    ['behind a preface', `Here you are: ${JSON_TEXT} Anything else?`],
    ['behind a thought', `<think>maybe {"city":"Rome","people":1}?</think>\n${JSON_TEXT}`],
    ['behind an unopened thought', `maybe {"city":"Rome","people":1}?</think>${JSON_TEXT}`],
    ['behind the schema', `${JSON.stringify(z.toJSONSchema(SCHEMA))}\n${JSON_TEXT}`],
    ['behind another value', `[1, 2] {"note": true} ${JSON_TEXT}`],
    ['behind a stray brace', `{ oh ${JSON_TEXT}`],
  ])('%s', (_where, text) => {
    expect(read(text)).toEqual({ value: PARIS });
  });

  it('whose own brackets and quotes are not counted', () => {
    expect(read('So: {"city":"Par}is \\" {","people":2}')).toEqual({
      value: { city: 'Par}is " {', people: 2 },
    });
  });

  it('scrubbed of the key', () => {
    expect(read(`{"city":"${KEY}","people":2}`)).toEqual({
      value: { city: '[redacted]', people: 2 },
    });
    expect(read('{"city":"\\u0073k-test-0123456789abcdef","people":2}')).toEqual({
      value: { city: '[redacted]', people: 2 },
    });
  });
});

describe('a model’s text is of no use', () => {
  it.each(['', 'I do not know.', '{"city":"Par', '"Paris"', '{'.repeat(5_000)])(
    'without a JSON value: %j',
    (text) => {
      expect(read(text)).toMatchObject({
        sawJson: false,
        fault: expect.stringContaining('no complete JSON value'),
      });
    },
  );

  it('when it repeats the schema', () => {
    expect(read(JSON.stringify(z.toJSONSchema(SCHEMA)))).toMatchObject({
      sawJson: true,
      fault: expect.stringContaining('repeated the JSON Schema'),
    });
  });

  it('when the value does not fit, and the fault names where', () => {
    expect(read('{"city":"Paris","people":0}')).toMatchObject({
      sawJson: true,
      fault: expect.stringMatching(/^people: /),
    });
  });
});
