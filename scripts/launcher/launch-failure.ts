/** The launcher cannot continue. Its message is the one line that is printed: the problem and what to do. */
export class LaunchFailure extends Error {
  override readonly name = 'LaunchFailure';
}

/** The first line of an error's message. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.split('\n')[0]! : String(error);
}
