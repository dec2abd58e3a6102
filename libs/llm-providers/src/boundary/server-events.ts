import { MAX_EVENT_BYTES } from './bounds.js';
import { answerTooLarge } from './unreadable-answer.js';

/** One server-sent event. */
export interface ServerEvent {
  /** `message` where the server names none. */
  readonly event: string;
  readonly data: string;
  /** The body ended before the empty line that ends an event: it may be whole all the same. */
  readonly isCut: boolean;
}

const LINE_END = /\r\n|\n|\r/g;

/**
 * Reads a body as server-sent events, each as soon as it is whole. The SDKs' own readers are passed over: OpenAI's
 * prints an event that it cannot parse, a caller's words included.
 * Whoever stops reading cancels the body, and with it the call.
 * @throws UnreadableAnswer for an event that is larger than any token's.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function* serverEvents(
  body: ReadableStream<Uint8Array> | null,
): AsyncGenerator<ServerEvent> {
  if (!body) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const lines = new Lines();
  const block = new Block();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      for (const line of lines.push(decoder.decode(value, { stream: !done }))) {
        const event = block.add(line);
        if (event) yield event;
      }
      if (!done) continue;
      const last = block.add(lines.rest) ?? block.end(true);
      if (last) yield last;
      return;
    }
  } finally {
    // After the end of the body it does nothing.
    await reader.cancel().catch(() => undefined);
  }
}

/** Whole lines of a text that comes in pieces. */
class Lines {
  #rest = '';

  /** The last line, which nothing ends. */
  get rest(): string {
    return this.#rest.replace(/\r$/, '');
  }

  push(piece: string): readonly string[] {
    // A body may be one long line in many pieces: no line ends, no search from its start.
    if (!/[\r\n]/.test(piece) && !this.#rest.endsWith('\r')) {
      this.#rest += piece;
      if (this.#rest.length > MAX_EVENT_BYTES) throw answerTooLarge();
      return [];
    }
    const text = this.#rest + piece;
    // A carriage return at the end may be half of a line's end.
    const whole = text.endsWith('\r') ? text.slice(0, -1) : text;
    const lines = whole.split(LINE_END);
    this.#rest = (lines.pop() ?? '') + text.slice(whole.length);
    return lines;
  }
}

/** The lines of one event, up to the empty one that ends it. */
class Block {
  #event = '';
  #data: string[] = [];
  #size = 0;

  add(line: string): ServerEvent | undefined {
    if (line === '') return this.end(false);
    const colon = line.indexOf(':');
    const [field, value] =
      colon === -1 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
    if (field === 'event') this.#event = value;
    if (field !== 'data') return undefined;
    this.#data.push(value);
    this.#size += value.length;
    if (this.#size > MAX_EVENT_BYTES) throw answerTooLarge();
    return undefined;
  }

  end(isCut: boolean): ServerEvent | undefined {
    const [event, data] = [this.#event, this.#data];
    this.#event = '';
    this.#data = [];
    this.#size = 0;
    return data.length === 0
      ? undefined
      : { event: event || 'message', data: data.join('\n'), isCut };
  }
}
