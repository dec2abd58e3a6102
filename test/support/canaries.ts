import { Redis } from 'ioredis';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { everyRow } from './stored-rows.js';

const WINDOW = 12;

/** A planted key, and the search for its parts. */
export interface Canary {
  readonly key: string;
  /** The parts of the key that are in `text`, plain or encoded. Empty: the key did not leak into it. */
  readonly foundIn: (text: string) => readonly string[];
}

/** Searches for every twelve consecutive characters of the key: plain, in a URL, in JSON, and in base64 at each offset. */
export function canaryOf(key: string): Canary {
  const inUrl = encodeURIComponent(key);
  const written = [
    key,
    inUrl,
    inUrl.replace(/%../g, (escape) => escape.toLowerCase()),
    new URLSearchParams({ k: key }).toString().slice(2),
    JSON.stringify(key).slice(1, -1),
    ...[0, 1, 2].flatMap((shift) => {
      const encoded = base64At(key, shift);
      return [encoded, encoded.replaceAll('+', '-').replaceAll('/', '_')];
    }),
  ];
  const windows = [...new Set(written.flatMap(windowsOf))];
  return { key, foundIn: (text) => windows.filter((window) => text.includes(window)) };
}

/** The base64 of the key at an offset, without the characters that also encode bytes beside the key. */
function base64At(key: string, shift: number): string {
  const encoded = Buffer.from(`${' '.repeat(shift)}${key}`).toString('base64');
  const first = Math.ceil((shift * 8) / 6);
  return encoded.slice(first, Math.floor(((shift + key.length) * 8) / 6));
}

function windowsOf(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - WINDOW + 1) }, (_, at) =>
    text.slice(at, at + WINDOW),
  );
}

/** Every row of every table that is not Postgres' own, as text. */
export async function postgresDump(url: string): Promise<string> {
  return (await everyRow(url)).map(({ row }) => row).join('\n');
}

/** Every key of Redis with its serialized value. */
export async function redisDump(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    const keys = await redis.keys('*');
    const values = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
    return keys.map((key, index) => `${key} ${values[index]?.toString('latin1') ?? ''}`).join('\n');
  } finally {
    redis.disconnect();
  }
}

/** Makes Redis write the file of its persistence, which the product switches off, and reads it. */
export async function redisFile(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    await redis.save();
    const [, directory = ''] = (await redis.config('GET', 'dir')) as string[];
    const [, name = ''] = (await redis.config('GET', 'dbfilename')) as string[];
    return await readFile(join(directory, name), 'latin1');
  } finally {
    redis.disconnect();
  }
}
