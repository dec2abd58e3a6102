import { CallerKey } from '@app/caller-keys';
import { describe, expect, it } from 'vitest';

import { readObject } from '../answers/read-object.js';
import { ThoughtFilter, withoutThoughts } from '../answers/thoughts.js';
import { classifyAnthropicFailure } from '../anthropic/classify-anthropic-failure.js';
import { classifyAzureFailure } from '../azure/classify-azure-failure.js';
import { strictJsonSchema } from '../json-schema.js';
import { stepDown } from '../ladder/ladder.js';
import { LlmError } from '../errors/llm.error.js';
import { errorPartsOf } from '../errors/error-parts.js';
import { classifyOpenAiFailure } from '../openai/classify-openai-failure.js';
import { type ProviderFailure, readFailure } from '../errors/provider-failure.js';
import { refusedCall } from '../testing/provider-bench.js';
import { z } from 'zod';
import { readErrorBody } from './error-body.js';
import { retryAfterMsOf } from '../errors/retry-after.js';
import { scrubberFor } from './scrub.js';
import { plainLine, storableText } from './storable-text.js';

/** In characters: longer than any answer within the bounds. */
const SIZE = 256 * 1024;
const repeated = (text: string): string => text.repeat(Math.ceil(SIZE / text.length));
const KEY = new CallerKey('sk-test-4f9Xq2Lm7Vb1Zr8Kd3Wn6Ty0Hc5');
const SHORT_KEY = new CallerKey('a-');

/** Texts that repeat the beginning of a match without its end, which is the worst case for a regular expression. */
const WORST_TEXTS: readonly string[] = [
  'a-',
  'a.',
  ' ',
  '\n\t',
  '[',
  '( ',
  '[mem-1',
  '[mem-1] ',
  '([mem-1], ',
  '[mem-1 and ',
  '(mem 1[mem 1',
  '%2',
  '\\u00',
  '\\',
  '"',
  '{"a":',
  '{[',
  '<think>',
  '</think>',
  '{} </think>',
  ' </think>',
  '<think a ',
  '{x}',
  '[x] ',
  "{'a':'it's ",
  '"x" ',
  '{"fact":"x"}\n',
  '- a\n',
  '“',
  '/*',
  'retry in 1s ',
  'retry in 1',
  'try again in ',
  'Bearer ',
  'Incorrect API key provided: ',
  'organization (1b4e28ba-',
  'org-a',
  'sk-test-4f9X',
  '127.0.0.',
  '1',
  '\ud800',
  '\0',
  'api key ',
  'not valid',
  'context length ',
  '1 + 1 > ',
  '> 1 - ',
  '1 tokens in the ',
  'max_tokens 1,000 ',
  'role ',
  'system role ',
  'first ',
  'use ',
];

const failureOf = (message: string): ProviderFailure => ({
  status: 400,
  type: null,
  code: null,
  param: null,
  message,
  words: message,
  isHtml: false,
  headers: new Headers(),
});

const SCHEMA = z.object({ facts: z.array(z.object({ fact: z.string() })) });
const readText = (text: string): Promise<unknown> =>
  readObject(
    { text, toolCalls: [text], thoughts: text },
    { schema: SCHEMA, shape: { name: 'facts', schema: strictJsonSchema(SCHEMA) } },
    scrubberFor(KEY),
  );

/** All functions that read the text of a provider. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  'the scrubber of answers': (text) => scrubberFor(KEY).text(text),
  'the scrubber of errors': (text) => scrubberFor(KEY).error(text),
  'the scrubber of errors, with a short key': (text) => scrubberFor(SHORT_KEY).error(text),
  'the scrubber of streams': (text) => {
    const stream = scrubberFor(KEY).stream();
    for (let at = 0; at < text.length; at += 1_000) stream.push(text.slice(at, at + 1_000));
    return stream.end();
  },
  'the scrubber of streams, of one large piece': (text) => scrubberFor(KEY).stream().push(text),
  'the wait': (text) => retryAfterMsOf(new Headers(), text),
  'the wait of a field': (text) => retryAfterMsOf(new Headers(), '', text),
  'an error body': (text) => readErrorBody(text, true),
  'a failure': (text) => readFailure(text, 400, new Headers()),
  'the classifier of OpenAI': (text) => classifyOpenAiFailure(failureOf(text)),
  'the classifier of Azure': (text) => classifyAzureFailure(failureOf(text)),
  'the classifier of Anthropic': (text) => classifyAnthropicFailure(failureOf(text)),
  'the ladder': (text) =>
    [refusedCall(), refusedCall({ shaped: false, streamed: true })].map((call) =>
      (['llm_rejected_request', 'llm_context_length_exceeded'] as const).map((code) =>
        stepDown(new LlmError(code, text), call),
      ),
    ),
  'the parts of an error': (text) => errorPartsOf({ error: text, errors: { a: [text] } }),
  'an object': (text) => readText(text),
  'an object, of less than is repaired': (text) => readText(text.slice(0, 32_000)),
  'an object with an end': (text) => readText(`{"facts": [${text.slice(0, 32_000)}]}`),
  thoughts: (text) => withoutThoughts(text),
  'thoughts of a stream': (text) => {
    const filter = new ThoughtFilter();
    for (let at = 0; at < text.length; at += 100) filter.push(text.slice(at, at + 100));
    return filter.end();
  },
  'a line': (text) => plainLine(text),
  'storable text': (text) => storableText(text),
};

describe.each(Object.entries(READERS))('%s', (_name, read) => {
  it('takes linear time for the worst texts', { timeout: 120_000 }, async () => {
    const slow: string[] = [];
    for (const text of WORST_TEXTS) {
      const from = process.cpuUsage();
      await read(repeated(text));
      // An expression that backtracks at every position takes minutes.
      if (process.cpuUsage(from).user > 5_000_000) slow.push(text);
    }
    expect(slow).toEqual([]);
  });
});
