import { CallerKey } from '@app/caller-keys';
import { describe, expect, it } from 'vitest';

import { scrubberFor } from './scrub.js';

const KEY = 'sk-ant-+/Qz"81 mnbvcxzlkjhgfdsa%77pp';
const PLAIN_KEY = 'sk-test-4f9Xq2Lm7Vb1Zr8Kd3Wn6Ty0Hc5';
const scrubber = scrubberFor(new CallerKey(KEY));

/** The shortest part of a key that is removed. */
const windowsOf = (text: string): string[] =>
  Array.from({ length: text.length - 11 }, (_, at) => text.slice(at, at + 12));

/** Every character as an escape of JSON. */
const escaped = (text: string): string =>
  text.replace(/[^a-z0-9]/gi, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Full-width letters, with which East Asian texts write ASCII. */
const wide = (text: string): string =>
  text.replace(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0));

/** Bold mathematical digits and letters. Each is a surrogate pair. */
const bold = (text: string): string =>
  text.replace(/[a-z]/g, (sign) => String.fromCodePoint(0x1d41a + sign.charCodeAt(0) - 97));

describe('an answer is scrubbed of a key', () => {
  it.each([
    ['whole', KEY],
    ['in a URL', encodeURIComponent(KEY)],
    ['in JSON', JSON.stringify(KEY).slice(1, -1)],
    [
      'in a URL, with small hex digits',
      encodeURIComponent(KEY).replace(/%../g, (hex) => hex.toLowerCase()),
    ],
    ['in JSON, with its slashes escaped', JSON.stringify(KEY).slice(1, -1).replaceAll('/', '\\/')],
    ['in JSON, with its signs escaped', escaped(KEY)],
    ['with spaces in it', KEY.split('').join(' ')],
    ['with invisible characters in it', KEY.split('').join('\u200b')],
    ['with invisible characters of two halves in it', KEY.split('').join('\u{e0101}')],
    ['with halves of characters in it', KEY.split('').join('\ud83d')],
    ['with marks on its letters', KEY.split('').join('\u0301')],
    ['in capitals', KEY.toUpperCase()],
    ['in wide letters', wide(KEY)],
    ['in bold letters', bold(KEY)],
    ['in base64', Buffer.from(KEY).toString('base64')],
    ['in base64url', Buffer.from(KEY).toString('base64url')],
  ])('%s', (_form, form) => {
    expect(scrubber.text(`before ${form} after`)).toBe('before [redacted] after');
  });

  it.each(['user:', 'a', 'ab', 'abc'])('in base64 behind "%s"', (before) => {
    const clean = scrubber.text(Buffer.from(`${before}${KEY} and more`).toString('base64'));
    for (const window of windowsOf(Buffer.from(KEY).toString('base64')))
      expect(clean).not.toContain(window);
    expect(clean).toContain('[redacted]');
  });

  it('if the text has 12 characters of it, and not if it has 11', () => {
    const plain = scrubberFor(new CallerKey(PLAIN_KEY));
    for (const window of windowsOf(PLAIN_KEY)) {
      expect(plain.text(`<${window}>`)).toBe('<[redacted]>');
      expect(plain.text(`<${window.slice(1)}>`)).toBe(`<${window.slice(1)}>`);
    }
  });

  it('in two parts, and the text between them is kept', () => {
    const plain = scrubberFor(new CallerKey(PLAIN_KEY));
    expect(plain.text(`${PLAIN_KEY.slice(0, 15)} and ${PLAIN_KEY.slice(15)}`)).toBe(
      '[redacted] and [redacted]',
    );
  });

  it('and of no other text', () => {
    const text = 'I ordered 3 books from org-charts.example, said sk8er-boy.';
    expect(scrubber.text(text)).toBe(text);
    expect(scrubber.text('')).toBe('');
  });

  it('in every string of a JSON value, names included', () => {
    expect(scrubber.json({ a: [KEY, 1, null, { [KEY]: true }] })).toEqual({
      a: ['[redacted]', 1, null, { '[redacted]': true }],
    });
  });

  it('but not of a key with fewer than 12 characters, because it may be a word', () => {
    expect(scrubberFor(new CallerKey('ollama')).text('I use ollama.')).toBe('I use ollama.');
  });
});

describe('an error is scrubbed of', () => {
  it.each([
    ['a short key', 'ollama', 'bad key ollama', 'bad key [redacted]'],
    [
      'a masked key',
      KEY,
      'Incorrect API key provided: sk-VK***wjh3. You can',
      'Incorrect API key provided: [redacted] You can',
    ],
    ['another OpenAI key', KEY, 'the key sk-proj-abc_DEF-123456 is', 'the key [redacted] is'],
    ['another Google key', KEY, 'key=AIzaSyA1234567890 ', 'key=[redacted] '],
    [
      'a bearer token',
      KEY,
      'Authorization: Bearer abc.def-123',
      'Authorization: Bearer [redacted]',
    ],
    [
      'an organisation',
      KEY,
      'in organization org-AbC123dEf456 on',
      'in organization [redacted] on',
    ],
    ['a project', KEY, 'project proj_AbC123dEf456.', 'project [redacted].'],
    [
      'an Anthropic organisation',
      KEY,
      'your organization (1b4e28ba-2fa1-11d2-883f-0016d3cca427) of',
      'your organization ([redacted]) of',
    ],
    [
      'an internal host',
      KEY,
      'dial vllm.models.svc.cluster.local:8000 failed',
      'dial [redacted] failed',
    ],
    ['a private address', KEY, 'dial tcp 10.1.2.3:443: refused', 'dial tcp [redacted]: refused'],
  ])('%s', (_what, key, said, shown) => {
    expect(scrubberFor(new CallerKey(key)).error(said)).toBe(shown);
  });

  it.each(['x', '1', 'key', 'ollama'])(
    'a dummy key such as %s, but not of words that contain it',
    (key) => {
      const text = 'max_tokens 10 is too large: at most 8192, keyboard, x-ray, ollama2.';
      const clean = scrubberFor(new CallerKey(key)).error(text);
      expect(clean).toBe(text);
      expect(scrubberFor(new CallerKey(key)).error(`got "${key}".`)).toBe('got "[redacted]".');
    },
  );

  it('only these parts, and keeps the rest of the message', () => {
    const text =
      "The model `gpt-4.1` does not exist. This model's maximum context length is 4097 tokens, see https://platform.openai.com/docs.";
    expect(scrubber.error(text)).toBe(text);
  });
});
