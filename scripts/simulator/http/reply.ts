/** One HTTP answer of the simulator, including how the connection fails. */
export interface Reply {
  readonly status: number;
  /** The reason phrase, if the provider sends one of its own. */
  readonly reason?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly chunks: readonly string[];
  /** Time before the headers. */
  readonly delayMs?: number | undefined;
  /** Time between two chunks. */
  readonly gapMs?: number | undefined;
  /**
   * How the connection ends. `reset` and `hang` follow the chunks; `reset-first` and `hang-first` come before the headers, so the
   * client gets no status.
   */
  readonly ending?: 'end' | 'reset' | 'hang' | 'reset-first' | 'hang-first' | undefined;
}

export type Headers = Reply['headers'];

export function jsonReply(status: number, body: unknown, headers: Headers = {}): Reply {
  return textReply(status, JSON.stringify(body), {
    'content-type': 'application/json',
    ...headers,
  });
}

export function textReply(status: number, body: string, headers: Headers): Reply {
  return { status, headers, chunks: body === '' ? [] : [body] };
}

export interface ServerEvent {
  /** Absent: OpenAI's streams name no events. */
  readonly event?: string;
  readonly data: unknown;
}

/** A stream of events. Each event is one chunk, because providers flush after each event. */
export function eventsReply(events: readonly ServerEvent[], headers: Headers = {}): Reply {
  return {
    status: 200,
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      ...headers,
    },
    chunks: events.map(eventText),
  };
}

export function eventText({ event, data }: ServerEvent): string {
  const payload = typeof data === 'string' ? data : JSON.stringify(data);
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${payload}\n\n`;
}

/** Whether a reply is sent with chunked encoding. Any other reply has a `content-length` header. */
export function isEventStream(reply: Reply): boolean {
  return String(reply.headers['content-type'] ?? '').startsWith('text/event-stream');
}
