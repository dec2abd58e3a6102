/** The reason why the demo cannot run. The message is one line for the user, with the reason and the next step. */
export class DemoCannotRun extends Error {
  override readonly name = 'DemoCannotRun';
}
