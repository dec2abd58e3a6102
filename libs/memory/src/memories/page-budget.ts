/**
 * One answer holds at most so many bytes of memories, as JSON. A page ends early, and hits are left out from the end of the
 * ranking; the first memory is shown whatever its size, which other bounds keep far below this.
 */
export const MEMORY_BUDGET_BYTES = 4 * 1024 * 1024;
