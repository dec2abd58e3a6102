/** An answer that exceeds a bound on its size, depth, values or tool calls. The caller sees the message. */
export class AnswerBoundsError extends Error {
  override readonly name = 'AnswerBoundsError';
}

export const answerTooLarge = (): AnswerBoundsError =>
  new AnswerBoundsError('The provider’s answer is larger than the limit of tokens allows.');

export const tooManyToolCalls = (): AnswerBoundsError =>
  new AnswerBoundsError('The provider’s answer holds too many tool calls to be read.');

/** Bounds the text of one answer by the token limit of its request. */
export class TextAllowance {
  #bytes: number;

  constructor(maxOutputTokens: number) {
    this.#bytes = textBytesOf(maxOutputTokens);
  }

  /** @throws AnswerBoundsError once the texts together are larger than the limit allows. */
  take(text: string): void {
    this.#bytes -= Buffer.byteLength(text, 'utf8');
    if (this.#bytes < 0) throw answerTooLarge();
  }
}

/** Bounds on a provider's answer. A larger answer is refused or cut before other code reads it. */

/** Bytes of a failed answer's body that are read. The rest is cancelled. */
export const MAX_ERROR_BYTES = 64 * 1024;
/** Characters that are kept of one text in a failed answer. */
export const MAX_ERROR_TEXT = 4_000;
/** Bytes of a list of models: twice the size of the longest known list, OpenRouter's. */
export const MAX_LIST_BYTES = 2 * 1024 * 1024;
/** Length of one event of a stream, in UTF-16 units. */
export const MAX_EVENT_BYTES = 256 * 1024;

/** Tool calls of one answer. A part of a conversation yields at most 500 facts, and some models make one call for each. */
export const MAX_TOOL_CALLS = 1_000;
/** Characters of one answer that are repaired if they are not valid JSON. */
export const MAX_REPAIRED_CHARACTERS = 64 * 1024;

/** More than any text needs: text takes three to six bytes per token, and the longest tokens are rare. */
const BYTES_PER_TOKEN = 16;
/** A model may exceed its limit a little, and even an empty answer has some bytes around it. */
const TEXT_SLACK_BYTES = 4 * 1024;
/** An answer in one piece may escape each character, repeat its reasoning and have additional fields. */
const WIRE_BYTES_PER_TOKEN = 64;
/** A stream sends each token in an event of about 400 bytes. */
const STREAM_BYTES_PER_TOKEN = 1_024;
const WIRE_SLACK_BYTES = 256 * 1024;

/** The most bytes of text that a model can write within its token limit. */
export const textBytesOf = (maxOutputTokens: number): number =>
  maxOutputTokens * BYTES_PER_TOKEN + TEXT_SLACK_BYTES;

/** The most bytes of the HTTP body with such a text. */
export const wireBytesOf = (maxOutputTokens: number, streams: boolean): number =>
  maxOutputTokens * (streams ? STREAM_BYTES_PER_TOKEN : WIRE_BYTES_PER_TOKEN) + WIRE_SLACK_BYTES;
