/** The demo cannot run: the message is the one line that says why, and what to do. */
export class DemoCannotRun extends Error {
  override readonly name = 'DemoCannotRun';
}
