/** The demo cannot run, or cannot go on. The message is one line for the user, with the reason and the next step. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}
