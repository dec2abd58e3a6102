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

/** How much of a provider's answer is taken in. What is larger is refused or cut before any other code of ours sees it. */

/** Bytes of a failed answer's body that are read. The rest is not waited for. */
export const MAX_ERROR_BYTES = 64 * 1024;
/** Characters that are kept of one text in a failed answer. */
export const MAX_ERROR_TEXT = 4_000;
/** Bytes of a list of models. The longest known one (OpenRouter's) has about half of them. */
export const MAX_LIST_BYTES = 2 * 1024 * 1024;
/** Length of one event of a stream, in UTF-16 units. */
export const MAX_EVENT_BYTES = 256 * 1024;

/** Tool calls of one answer. A part of a conversation has at most 500 facts, and some models call once for each. */
export const MAX_TOOL_CALLS = 1_000;
/** Characters of one answer that are repaired where they are no JSON. */
export const MAX_REPAIRED_CHARACTERS = 64 * 1024;

/** The longest tokens of the known vocabularies are rare: text takes three to six bytes a token. */
const BYTES_PER_TOKEN = 16;
/** A model stops a little after its limit, and an empty answer has a form as well. */
const TEXT_SLACK_BYTES = 4 * 1024;
/** An answer in one piece escapes each character, repeats its reasoning beside it, and carries a host's own fields. */
const WIRE_BYTES_PER_TOKEN = 64;
/** A stream wraps each token in an event of some 400 bytes. */
const STREAM_BYTES_PER_TOKEN = 1_024;
const WIRE_SLACK_BYTES = 256 * 1024;

/** Bytes of text that a model may have written within its limit of tokens. */
export const textBytesOf = (maxOutputTokens: number): number =>
  maxOutputTokens * BYTES_PER_TOKEN + TEXT_SLACK_BYTES;

/** Bytes of the whole HTTP body that carries such a text. */
export const wireBytesOf = (maxOutputTokens: number, streams: boolean): number =>
  maxOutputTokens * (streams ? STREAM_BYTES_PER_TOKEN : WIRE_BYTES_PER_TOKEN) + WIRE_SLACK_BYTES;
