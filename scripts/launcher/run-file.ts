/** Where a running Aurra says where it is, in `.aurra/`; the demo reads it. */
export const RUN_FILE = 'run.json';
