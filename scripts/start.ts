/**
 * `npm start`: the whole product on this machine, from an empty directory to a curl that works.
 * What it needs and is not given, it makes: a database, a queue, keys, an account.
 */
import { start } from './launcher/start.js';

process.exitCode = await start();
