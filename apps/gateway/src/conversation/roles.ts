import { foldType } from './part-kinds.js';

export type Role = 'user' | 'assistant' | 'system' | 'tool';

/** Names of roles in any API, each with this API's role. */
const ROLES: ReadonlyMap<string, Role> = new Map([
  ['user', 'user'],
  ['human', 'user'],
  ['assistant', 'assistant'],
  ['ai', 'assistant'],
  ['model', 'assistant'],
  ['chatbot', 'assistant'],
  ['gpt', 'assistant'],
  ['bot', 'assistant'],
  ['system', 'system'],
  ['developer', 'system'],
  ['tool', 'tool'],
  ['function', 'tool'],
  ['ipython', 'tool'],
  ['observation', 'tool'],
]);

export const roleNamed = (name: string): Role | undefined => ROLES.get(foldType(name));
