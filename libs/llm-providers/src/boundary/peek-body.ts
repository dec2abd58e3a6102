import type { ByteReader } from '@app/egress';

import { answerTooLarge, wireBytesOf } from './bounds.js';

/** A body whose first bytes were read. */
export interface PeekedBody {
  /** The body holds server-sent events. The content type is not considered. */
  readonly isEvents: boolean;
  /** What was read, from the first byte. */
  readonly chunks: Uint8Array[];
}

const FIELD = /^(?:data|event|id|retry):/;
const LONGEST_FIELD = 6;

/**
 * Distinguishes events from a value in one piece by the first field. Blank lines and comments before it are skipped: hosts
 * send them before both, to keep a connection open. A body of nothing but comments counts as events.
 * @throws AnswerBoundsError if there are more comments than a stream may have bytes
 */
export async function peekBody(reader: ByteReader, maxOutputTokens: number): Promise<PeekedBody> {
  const decoder = new TextDecoder();
  const chunks: Uint8Array[] = [];
  const head = new BodyHead();
  let left = wireBytesOf(maxOutputTokens, true);
  let isEvents: boolean | undefined;
  while (isEvents === undefined) {
    const { done, value } = await reader.read();
    if (value) {
      chunks.push(value);
      left -= value.byteLength;
    }
    isEvents = head.push(decoder.decode(value, { stream: !done }), done);
    if (left < 0) {
      await reader.cancel().catch(() => undefined);
      throw answerTooLarge();
    }
  }
  return { isEvents, chunks };
}

/** Reads the text before the first field or value of a body. */
class BodyHead {
  #rest = '';
  #hasComments = false;

  /** @returns whether the body holds events; undefined if more text is needed */
  push(text: string, isEnd: boolean): boolean | undefined {
    this.#rest += text;
    for (;;) {
      this.#rest = this.#rest.trimStart();
      if (!this.#rest.startsWith(':')) break;
      this.#hasComments = true;
      const end = this.#rest.indexOf('\n');
      // The comment continues in the next chunk, and its colon is enough to recognise it.
      this.#rest = end === -1 ? ':' : this.#rest.slice(end + 1);
      if (end === -1) return isEnd ? true : undefined;
    }
    if (isEnd && this.#rest === '') return this.#hasComments;
    if (FIELD.test(this.#rest)) return true;
    const mayBecomeField = /^[a-z]*$/.test(this.#rest) && this.#rest.length < LONGEST_FIELD;
    return mayBecomeField && !isEnd ? undefined : false;
  }
}

/** The whole body: the chunks that were already read, then the rest. */
export function replayStream(
  { chunks }: PeekedBody,
  reader: ByteReader,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const known = chunks.shift();
        if (known) return controller.enqueue(known);
        const { done, value } = await reader.read();
        if (done || !value) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => reader.cancel(),
    },
    { highWaterMark: 0 },
  );
}
