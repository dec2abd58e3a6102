import { answerTooLarge, MAX_EVENT_BYTES } from './bounds.js';

/** One server-sent event. */
export interface ServerEvent {
  /** `message` where the server names none. */
  readonly event: string;
  readonly data: string;
  /** The body ended inside of the last line of the event, so its data may be incomplete. */
  readonly isCut: boolean;
}

const LINE_END = /\r\n|\n|\r/g;
const BEGINS_EVENT = /^(?:event|id|data) ?:/;

/** One line that is a whole value, or the end of a stream. The first line of an event that is spread over lines is neither. */
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
 * Reads a body as server-sent events, each as soon as it is whole. The SDKs' own readers are passed over: OpenAI's
 * prints an event that it cannot parse, a caller's words included.
 * Leaving the loop early cancels the body, which ends the HTTP call.
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
    // After the end of the body it does nothing.
    await reader.cancel().catch(() => undefined);
  }
}

/** Whole lines of a text that comes in pieces. */
class Lines {
  #rest = '';

  /** The text behind the last line end. */
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
class EventBuilder {
  #event = '';
  #data: string[] = [];
  #size = 0;

  /** Hosts that leave out the empty lines begin the next event while a whole one is there. */
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
    // Older llama.cpp writes a failure into a field of its own.
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
    // By its name alone an event may end a stream.
    return data.length === 0 && event === ''
      ? undefined
      : { event: event || 'message', data: data.join('\n'), isCut };
  }
}
