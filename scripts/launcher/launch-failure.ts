/** The launcher cannot go on. The message is the one line that a person reads: what is wrong and what to do. */
export class LaunchFailure extends Error {
  override readonly name = 'LaunchFailure';
}

/** The text of whatever was thrown, for the end of such a line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.split('\n')[0]! : String(error);
}
