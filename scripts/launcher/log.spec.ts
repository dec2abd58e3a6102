import { describe, expect, it } from 'vitest';

import { readLine } from './log.js';

const NOW = new Date('2026-11-23T12:00:00Z');

const event = (fields: object): string =>
  JSON.stringify({ level: 'log', pid: 7, timestamp: 1_795_000_000_000, message: 'up', ...fields });

describe('a line of a child', () => {
  it('has its own time and our word for its level', () => {
    expect(readLine(event({ level: 'verbose' }), NOW, 'info')).toMatchObject({
      at: new Date(1_795_000_000_000),
      level: 'trace',
      message: 'up',
    });
  });

  it('keeps what the event holds besides the message', () => {
    const { message } = readLine(event({ context: 'Jobs', jobId: 'a.1', count: 2 }), NOW, 'info');
    expect(message).toBe('up  jobId=a.1  count=2');
  });

  it('shows where an error came from', () => {
    const { message } = readLine(event({ level: 'error', stack: 'Error: x\n  at y' }), NOW, 'info');
    expect(message).toBe('up\n    Error: x\n      at y');
  });

  it('shows a message that is no text as JSON', () => {
    expect(readLine(event({ message: { a: 1 } }), NOW, 'info').message).toBe('{"a":1}');
  });

  it.each(['applied create-memories', '{"half":', '{"no":"event"}', '[1]'])(
    'is plain when it is no event: %s',
    (line) => {
      expect(readLine(line, NOW, 'warn')).toEqual({ at: NOW, level: 'warn', message: line });
    },
  );

  it('is chatter when the framework speaks of its own start, and no longer when it warns', () => {
    expect(readLine(event({ context: 'RouterExplorer' }), NOW, 'info').chatter).toBe(true);
    expect(readLine(event({ context: 'RouterExplorer', level: 'warn' }), NOW, 'info').chatter).toBe(
      false,
    );
  });
});
