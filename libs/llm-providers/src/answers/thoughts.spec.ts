import { describe, expect, it } from 'vitest';

import { ThoughtFilter, withoutThoughts } from './thoughts.js';

const ANSWER = 'Ana lives in Lisbon [mem-1].';

/** Checks that the filter returns the same text for every way to cut it into pieces. */
function streamed(text: string, size: number, filter = new ThoughtFilter()): string {
  let given = '';
  for (let at = 0; at < text.length; at += size) given += filter.push(text.slice(at, at + size));
  return given + filter.end();
}

describe('an answer after thoughts', () => {
  it.each([
    ['<think>', `<think>Lisbon or Rome [mem-2]?</think>${ANSWER}`],
    ['<think> on lines of its own', `\n<think>\nLisbon?\n</think>\n\n${ANSWER}`],
    ['capital letters', `<THINK>Lisbon?</THINK> ${ANSWER}`],
    ['<thinking>', `<thinking>Lisbon?</thinking>${ANSWER}`],
    ['<thought>', `<thought>Lisbon?</thought>${ANSWER}`],
    ['<reasoning>', `<reasoning>Lisbon?</reasoning>${ANSWER}`],
    ['<seed:think>', `<seed:think>Lisbon?</seed:think>${ANSWER}`],
    ['a tag with attributes', `<think depth="3" lang='en'>Lisbon?</think>${ANSWER}`],
    ['[THINK]', `[THINK]Lisbon?[/THINK]${ANSWER}`],
    ['◁think▷', `◁think▷Lisbon?◁/think▷${ANSWER}`],
    ['<|begin_of_thought|>', `<|begin_of_thought|>Lisbon?<|end_of_thought|>${ANSWER}`],
    ['<|START_THINKING|>', `<|START_THINKING|>Lisbon?<|END_THINKING|>${ANSWER}`],
    [
      'a channel',
      `<|channel|>analysis<|message|>Lisbon?<|end|><|start|>assistant<|channel|>final<|message|>${ANSWER}`,
    ],
    ['channels whose marks are gone', `analysisLisbon or Rome?assistantfinal${ANSWER}`],
    ['a channel of Gemma', `<|channel>thought\nLisbon?<channel|>${ANSWER}`],
    ['words of Ollama', `Thinking...\nLisbon?\n...done thinking.\n\n${ANSWER}`],
    ['details', `<details type="reasoning" done="true">Lisbon?</details>\n${ANSWER}`],
    ['two blocks', `<think>Rome?</think>\n<think>Lisbon?</think>\n${ANSWER}`],
    ['an empty block', `<think>\n\n</think>\n\n${ANSWER}`],
    ['a letter that grows when it is folded', `<think>${'İ'.repeat(60)}</think>${ANSWER}`],
    ['an end without an opening, at once', `</think>\n\n${ANSWER}`],
  ])('%s', (_form, text) => {
    expect(withoutThoughts(text)).toBe(ANSWER);
    for (const size of [1, 2, 3, 7, 1_000]) expect(streamed(text, size)).toBe(ANSWER);
  });

  it.each([
    `Lisbon or Rome?\n</think>\n\n${ANSWER}`,
    `Lisbon or Rome?</think>\n${ANSWER}`,
    `Lisbon or Rome?\n[/THINK]${ANSWER}`,
  ])('is read if the chat template wrote the opening tag: %j', (text) => {
    expect(withoutThoughts(text)).toBe(ANSWER);
  });

  it.each(['<think>Lisbon?', '<think>Lisbon?</thi', '<thinking>\n'])(
    'is empty if the block never ends: %j',
    (text) => {
      expect(withoutThoughts(text)).toBe('');
      expect(streamed(text, 1)).toBe('');
    },
  );
});

describe('an answer without thoughts is not changed', () => {
  it.each([
    ANSWER,
    '',
    '   ',
    '\n\nAna.',
    '<',
    '<thi',
    '<thinker> is no tag.',
    '<b>Ana</b> thinks.',
    'Write <think>so</think> in it.',
    'The tag </think> ends a thought, says Ana.',
    '[mem-1] says so.',
    '[thinking about it] Ana.',
    `<${'think '.repeat(80)}`,
  ])('%j', (text) => {
    expect(withoutThoughts(text)).toBe(text);
    for (const size of [1, 4, 1_000]) expect(streamed(text, size)).toBe(text);
  });
});

describe('text that begins like a thought but has no closing tag', () => {
  it.each([
    'Thinking...\nof Lisbon.',
    'analysisOf Lisbon',
    'Analysis of Lisbon',
    '<details type="reasoning">Lisbon',
    'analysis',
  ])('is all there: %j', (text) => {
    expect(withoutThoughts(text)).toBe(text);
    for (const size of [1, 3, 1_000]) expect(streamed(text, size)).toBe(text);
  });
});

describe('a filter for a template that opens a block', () => {
  it.each([
    [`Lisbon or Rome?</think>\n\n${ANSWER}`, ANSWER],
    [`Lisbon?\n[/THINK]${ANSWER}`, ANSWER],
    [`${'Lisbon? '.repeat(99)}</think>${ANSWER}`, ANSWER],
    [`<think>Lisbon?</think>${ANSWER}`, ANSWER],
    [ANSWER, ANSWER],
  ])('of %j gives out the answer', (text, answer) => {
    for (const size of [1, 7, 1_000])
      expect(streamed(text, size, new ThoughtFilter(true))).toBe(answer);
  });

  it('takes linear time', () => {
    const started = process.cpuUsage();
    expect(streamed('a<'.repeat(100_000), 2, new ThoughtFilter(true))).toHaveLength(200_000);
    expect(process.cpuUsage(started).user).toBeLessThan(2_000_000);
  });
});
