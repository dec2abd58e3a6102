import { describe, expect, it } from 'vitest';

import { withoutFrame } from './answer-frame.js';

const ANSWER = 'Ana lives in Lisbon [mem-1].';

describe('an answer', () => {
  it.each([
    `${ANSWER}</s>`,
    `${ANSWER} <|im_end|>\n`,
    `${ANSWER}<|eot_id|><|end_of_text|>`,
    `${ANSWER}<｜end▁of▁sentence｜>`,
    `<|START_RESPONSE|>${ANSWER}<|END_RESPONSE|>`,
    `<answer>\n${ANSWER}\n</answer></s>`,
  ])('is taken out of %j', (text) => {
    expect(withoutFrame(text)).toBe(ANSWER);
  });

  it.each([
    ` ${ANSWER} `,
    `The mark </s> ends it, says Ana.`,
    '<answer> is a tag.',
    'It ends with </answer>',
    'İ</s>İ',
    '',
  ])('stays as it is: %j', (text) => {
    expect(withoutFrame(text)).toBe(text);
  });
});
