import { answerTooLarge, MAX_EVENT_BYTES } from './bounds.js';

/** One server-sent event. */
export interface ServerEvent {
  /** `message` if the server names none. */
  readonly event: string;
  readonly data: string;
  /** The body ended before the empty line that ends the event, so its data may be incomplete. */
  readonly isCut: boolean;
}

const LINE_END = /\r\n|\n|\r/g;
const BEGINS_EVENT = /^(?:event|id|data) ?:/;

/** Whether an event of one line is complete: a whole JSON object, or the end of the stream. */
function isWholeEvent([line, ...more]: readonly string[]): boolean {
  if (line === undefined || more.length > 0) return false;
  if (/^\[DONE\]\s*$/.test(line)) return true;
  if (!/^\{.*\}\s*$/.test(line)) return false;
  try {
    return JSON.parse(line) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Reads a body as server-sent events and yields each as soon as it is complete. The SDKs' own readers are not used, because
 * OpenAI's prints an event that it cannot parse, which may hold a caller's text.
 * Ending the loop early cancels the body, which ends the HTTP call.
 * @throws AnswerBoundsError for an event that is larger than the bound
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function* serverEvents(
  body: ReadableStream<Uint8Array> | null,
): AsyncGenerator<ServerEvent> {
  if (!body) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const lines = new Lines();
  const block = new EventBuilder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      for (const line of lines.push(decoder.decode(value, { stream: !done }))) {
        const event = block.add(line);
        if (event) yield event;
      }
      if (!done) continue;
      const before = block.add(lines.rest);
      if (before) yield before;
      const last = block.end(true);
      if (last) yield last;
      return;
    }
  } finally {
    // Has no effect after the end of the body.
    await reader.cancel().catch(() => undefined);
  }
}

/** Splits a text that arrives in pieces into complete lines. */
class Lines {
  #rest = '';

  /** The text after the last line end. */
  get rest(): string {
    return this.#rest.replace(/\r$/, '');
  }

  push(piece: string): readonly string[] {
    // A body may be one long line in many pieces. Without a line end in the piece, the text before it is not searched again.
    if (!/[\r\n]/.test(piece) && !this.#rest.endsWith('\r')) {
      this.#rest += piece;
      if (this.#rest.length > MAX_EVENT_BYTES) throw answerTooLarge();
      return [];
    }
    const text = this.#rest + piece;
    // A carriage return at the end may be the first half of a line end.
    const whole = text.endsWith('\r') ? text.slice(0, -1) : text;
    const lines = whole.split(LINE_END);
    this.#rest = (lines.pop() ?? '') + text.slice(whole.length);
    return lines;
  }
}

/** Collects the lines of one event, up to the empty line that ends it. */
class EventBuilder {
  #event = '';
  #data: string[] = [];
  #size = 0;

  /**
   * @returns the event that this line ends. Some hosts leave out the empty line, so the first line of the next event ends one
   * as well.
   */
  add(line: string): ServerEvent | undefined {
    if (line === '') return this.end(false);
    const isNext = BEGINS_EVENT.test(line) && isWholeEvent(this.#data);
    const before = isNext ? this.end(false) : undefined;
    this.#addField(line);
    return before;
  }

  #addField(line: string): void {
    const colon = line.indexOf(':');
    const [field, value] =
      colon === -1 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
    if (field === 'event') this.#event = value;
    // Older llama.cpp sends a failure in a field `error`.
    if (field === 'error' && this.#data.length === 0) this.#event = 'error';
    else if (field !== 'data') return;
    this.#data.push(value);
    this.#size += value.length;
    if (this.#size > MAX_EVENT_BYTES) throw answerTooLarge();
  }

  end(isCut: boolean): ServerEvent | undefined {
    const [event, data] = [this.#event, this.#data];
    this.#event = '';
    this.#data = [];
    this.#size = 0;
    // An event without data may still end a stream by its name.
    return data.length === 0 && event === ''
      ? undefined
      : { event: event || 'message', data: data.join('\n'), isCut };
  }
}
