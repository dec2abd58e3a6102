import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A TCP connection on which a test can write any bytes. */
export interface RawConnection extends Disposable {
  readonly socket: Socket;
  /** Everything that was answered so far. */
  text(): string;
  /** Everything that was answered, once it holds this text; rejects if the connection closes first. */
  until(text: string): Promise<string>;
  closed(): Promise<void>;
}

export async function connectTo(port: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let text = '';
  let isClosed = false;
  const changes = new Set<() => void>();
  const changed = (): void => changes.forEach((tell) => tell());
  socket.on('data', (chunk: string) => {
    text += chunk;
    changed();
  });
  // A reset is treated like a normal end; the text that was read before it is kept.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    isClosed = true;
    changed();
  });
  await once(socket, 'connect');
  const when = (holds: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (holds()) resolve();
        else if (isClosed) reject(new Error(`The connection closed after: ${text}`));
        else return;
        changes.delete(look);
      };
      changes.add(look);
      look();
    });
  return {
    socket,
    text: () => text,
    until: async (wanted) => {
      await when(() => text.includes(wanted));
      return text;
    },
    closed: () => when(() => isClosed),
    [Symbol.dispose]: () => socket.destroy(),
  };
}
