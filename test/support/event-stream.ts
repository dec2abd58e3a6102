/** One event as a client of the wire reads it. */
export interface ReceivedEvent {
  readonly event: string;
  // The type is open, because each test checks the fields that it expects.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any;
}

export interface OpenedStream {
  readonly status: number;
  readonly headers: Headers;
  /** The next event; undefined at the end. */
  next(): Promise<ReceivedEvent | undefined>;
  /** All further events. */
  rest(): Promise<ReceivedEvent[]>;
  /** The text that was read so far, as it was sent. */
  text(): string;
  /** Closes the connection, as a client does that leaves. */
  leave(): void;
}

/** Posts a body and reads the answer event by event. */
export async function openStream(
  url: string,
  { apiKey, body, headers = {} }: { apiKey: string; body: unknown; headers?: object },
): Promise<OpenedStream> {
  const left = new AbortController();
  const response = await fetch(url, {
    method: 'POST',
    signal: left.signal,
    headers: {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...headers,
    },
    body: JSON.stringify(body),
  });
  let read = '';
  let done = 0;
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const next = async (): Promise<ReceivedEvent | undefined> => {
    for (;;) {
      const end = read.indexOf('\n\n', done);
      if (end >= 0) {
        const block = read.slice(done, end);
        done = end + 2;
        const [, event = '', data = ''] = /^event: (\w+)\ndata: (.+)$/.exec(block) ?? [];
        if (event !== '') return { event, data: JSON.parse(data) };
        continue;
      }
      const piece = await reader?.read();
      if (!piece || piece.done) return undefined;
      read += piece.value;
    }
  };
  const rest = async (): Promise<ReceivedEvent[]> => {
    const events: ReceivedEvent[] = [];
    for (let event = await next(); event; event = await next()) events.push(event);
    return events;
  };
  return {
    status: response.status,
    headers: response.headers,
    next,
    rest,
    text: () => read,
    leave: () => left.abort(),
  };
}
