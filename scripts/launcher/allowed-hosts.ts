const THIS_MACHINE = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Loopback, so that a local Ollama or vLLM works, but for our own ports: a caller must not reach our database through us.
 * One spelling of this machine takes a port out under all of them.
 */
export function loopbackButOurOwn(ports: readonly number[]): string {
  const own = [...new Set(ports)].map((port) => `!127.0.0.1:${port}`);
  return [...THIS_MACHINE, ...own].join(',');
}

/** The port of a server that is ours to keep callers away from, if it is on this machine. */
export function loopbackPortOf(url: string | undefined): readonly number[] {
  if (url === undefined || !URL.canParse(url)) return [];
  const { hostname, port, protocol } = new URL(url);
  const isLoopback = THIS_MACHINE.includes(hostname) || hostname.startsWith('127.');
  if (!isLoopback) return [];
  return [Number(port) || (protocol.startsWith('redis') ? 6379 : 5432)];
}
