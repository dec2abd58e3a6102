import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

import ipaddr from 'ipaddr.js';

/** The answer for a name: its addresses; an empty list if the name does not exist; undefined if the server sends no answer. */
export type NameAnswer = readonly string[] | undefined;

export interface NameServer {
  /** `address:port`, as `Egress` takes it. */
  readonly address: string;
  /** The name of each query that the server received. */
  readonly asked: string[];
  close(): Promise<void>;
}

const HEADER_BYTES = 12;
const TYPE_A = 1;
const TYPE_AAAA = 28;
const RESPONSE = 0x8180;
const NAME_ERROR = 3;

/** A name server on loopback, over UDP (RFC 1035 §4). */
export async function startNameServer(answer: (name: string) => NameAnswer): Promise<NameServer> {
  const socket: Socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, { port, address }) => {
    const { name, type, end } = questionOf(query);
    asked.push(name);
    const addresses = answer(name);
    if (!addresses) return;
    const wanted = addresses.filter((one) => isIPv6(one) === (type === TYPE_AAAA));
    socket.send(
      reply(
        query,
        end,
        type,
        type === TYPE_A || type === TYPE_AAAA ? wanted : [],
        addresses.length === 0,
      ),
      port,
      address,
    );
  });
  await new Promise<void>((bound) => {
    socket.bind(0, '127.0.0.1', bound);
  });
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    close: () =>
      new Promise((closed) => {
        socket.close(closed);
      }),
  };
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  // After the labels: 1 byte for the root label, 2 for the type, 2 for the class.
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function reply(
  query: Buffer,
  end: number,
  type: number,
  addresses: readonly string[],
  isUnknown: boolean,
): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(query.readUInt16BE(0), 0);
  header.writeUInt16BE(RESPONSE | (isUnknown ? NAME_ERROR : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  const records = addresses.map((address) => {
    const bytes = Buffer.from(ipaddr.parse(address).toByteArray());
    const record = Buffer.alloc(12);
    // The record: a pointer to the name in the question, the type, class IN, a TTL of 0, the length, the address.
    record.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
    record.writeUInt16BE(type, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt16BE(bytes.length, 10);
    return Buffer.concat([record, bytes]);
  });
  return Buffer.concat([header, query.subarray(HEADER_BYTES, end), ...records]);
}
