/** The texts of every `llm.key` in a body: its own, and those of its writes in a batch. */
export function keysHeldBy(body: unknown): readonly string[] {
  const { llm, writes } = (body ?? {}) as { readonly llm?: unknown; readonly writes?: unknown };
  const ofWrites = Array.isArray(writes)
    ? writes.map((write: unknown) => (write as { readonly llm?: unknown } | null)?.llm)
    : [];
  return [llm, ...ofWrites].flatMap(keysIn);
}

/** Whether a name holds any of them. Also a short key counts here: a name that is not repeated costs nothing. */
export function heldKeys(body: unknown): (name: string) => boolean {
  let keys: readonly string[] | undefined;
  return (name) => (keys ??= keysHeldBy(body)).some((key) => name.includes(key));
}

/** The key under either of its names; a trailing line break is no part of it. */
function keysIn(llm: unknown): readonly string[] {
  const { key, api_key: other } = (llm ?? {}) as {
    readonly key?: unknown;
    readonly api_key?: unknown;
  };
  return [key, other].flatMap((text) => {
    const bare = typeof text === 'string' ? text.trim() : '';
    return bare === '' ? [] : [bare];
  });
}
