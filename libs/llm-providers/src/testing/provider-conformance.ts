import { describe, expect, it } from 'vitest';

import { LlmError } from '../errors/llm.error.js';
import type { OutputMode } from '../llm-provider.js';
import type { ProviderDefinition } from '../provider-definition.js';
import { itHoldsTheBoundary } from './boundary-conformance.js';
import { itReadsOddAnswers } from './odd-answer-conformance.js';
import { itSurvivesTheNetwork } from './network-conformance.js';
import {
  benchFor,
  KEY,
  outcomeOf,
  QUIRKS,
  request,
  shown,
  type TargetAt,
} from './provider-bench.js';
import type { FailureRecording, Recordings } from './recordings.js';
import { itStreams } from './stream-conformance.js';

const SHAPE = {
  name: 'capital',
  schema: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
};

/** The checks that every adapter must pass with its recorded answers. */
export function itConforms(
  definition: ProviderDefinition,
  recordings: Recordings,
  targetAt: TargetAt,
): void {
  const bench = benchFor(definition, targetAt);

  describe('an answer', () => {
    it('is read with its stop reason and its usage', async () => {
      const { server, provider, target } = bench();
      server.answer(recordings.completion);
      await expect(provider.complete(request(), target, QUIRKS)).resolves.toEqual({
        text: 'Paris.',
        toolCalls: [],
        thoughts: '',
        stop: 'end',
        usage: { inputTokens: 12, outputTokens: 5 },
      });
    });

    it('is requested once, with the key in a header and nowhere else', async () => {
      const { server, provider, target } = bench();
      server.answer(recordings.completion);
      await provider.complete(request(), target, QUIRKS);
      expect(server.sent).toHaveLength(1);
      const [sent] = server.sent;
      expect(JSON.stringify(sent?.headers)).toContain(KEY);
      expect(`${sent?.url}${sent?.body}`).not.toContain(KEY);
    });

    it('is requested without sampling parameters', async () => {
      const { server, provider, target } = bench();
      server.answer(recordings.completion);
      await provider.complete(request(), target, QUIRKS);
      expect(server.sent[0]?.body).not.toMatch(/temperature|top_p|top_k/);
    });

    it.each(['json_schema', 'json_object', 'tool', 'prompt'] satisfies OutputMode[])(
      'of a given shape is requested by %s, and the request holds the shape',
      async (outputMode) => {
        const { server, provider, target } = bench();
        server.answer(recordings.completion);
        await provider.complete({ ...request(), shape: SHAPE }, target, { ...QUIRKS, outputMode });
        const isInPrompt = outputMode === 'json_object' || outputMode === 'prompt';
        expect(server.sent[0]?.body).toContain('city');
        expect(server.sent[0]?.body.includes('JSON')).toBe(isInPrompt);
      },
    );

    it('that is a tool call is read as JSON', async () => {
      const { server, provider, target } = bench();
      server.answer(recordings.toolCall);
      const { toolCalls, stop } = await provider.complete({ ...request(), shape: SHAPE }, target, {
        ...QUIRKS,
        outputMode: 'tool',
      });
      expect(toolCalls.map((call) => JSON.parse(call) as unknown)).toEqual([{ city: 'Paris' }]);
      expect(stop).toBe('end');
    });

    it('that was cut off or refused has that stop reason', async () => {
      const { server, provider, target } = bench();
      server.answer(recordings.cutOff, recordings.refused);
      await expect(provider.complete(request(), target, QUIRKS)).resolves.toMatchObject({
        stop: 'length',
      });
      await expect(provider.complete(request(), target, QUIRKS)).resolves.toMatchObject({
        stop: 'refused',
      });
    });
  });

  itStreams(bench, recordings);

  describe('a failure', () => {
    const cases = Object.entries<FailureRecording>({
      ...recordings.failures,
      ...recordings.others,
    });

    it.each(cases)('%s', async (_title, recording) => {
      const { server, provider, target } = bench();
      server.answer(recording);
      const error = await outcomeOf(provider.complete(request(), target, QUIRKS));
      expect(error).toBeInstanceOf(LlmError);
      expect(error).toMatchObject({
        code: recording.code,
        retryAfterMs: recording.retryAfterMs,
        provider: { name: target.provider, model: target.model, ...recording.provider },
      });
      expect((error as LlmError).message).not.toBe('');
      expect((error as LlmError).message).toContain(recording.detail ?? '');
      expect(server.sent).toHaveLength(1);
    });

    it.each([KEY, KEY.slice(4, 20), encodeURIComponent(KEY), Buffer.from(KEY).toString('base64')])(
      'shows no part of the key if the provider repeats it (%#)',
      async (echo) => {
        const { server, provider, target } = bench();
        server.answer({
          status: 400,
          headers: { 'x-request-id': echo, 'request-id': echo },
          body: { error: { message: `bad ${echo} given`, type: echo, code: echo, param: echo } },
        });
        const error = await outcomeOf(provider.complete(request(), target, QUIRKS));
        expect(error).toBeInstanceOf(LlmError);
        expect(shown(error)).not.toContain(echo);
        expect(shown(error)).toContain('bad [redacted] given');
      },
    );
  });

  itReadsOddAnswers(bench, recordings);
  itSurvivesTheNetwork(bench, definition);
  itHoldsTheBoundary(bench, recordings);
}
