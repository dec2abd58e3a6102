/**
 * `npm start`: the whole product on this machine, from an empty directory to a curl that works.
 * The launcher makes every part that no setting names: a database, a queue, keys, an account.
 */
import { start } from './launcher/start.js';

process.exitCode = await start();
