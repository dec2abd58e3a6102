import { textBytesOf } from './bounds.js';

/** An answer that is refused by its size or its form, before it is read. The message is shown to the caller. */
export class UnreadableAnswer extends Error {
  override readonly name = 'UnreadableAnswer';
}

export const answerTooLarge = (): UnreadableAnswer =>
  new UnreadableAnswer('The provider’s answer is larger than the limit of tokens allows.');

export const tooManyToolCalls = (): UnreadableAnswer =>
  new UnreadableAnswer('The provider’s answer holds too many tool calls to be read.');

/** Bounds the text of one answer by the limit of tokens that it was asked for with. */
export class TextAllowance {
  #bytes: number;

  constructor(maxOutputTokens: number) {
    this.#bytes = textBytesOf(maxOutputTokens);
  }

  /** @throws UnreadableAnswer once the texts together are larger than the limit allows. */
  take(text: string): void {
    this.#bytes -= Buffer.byteLength(text, 'utf8');
    if (this.#bytes < 0) throw answerTooLarge();
  }
}
