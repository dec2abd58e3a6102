/**
 * `npm start` runs the whole product on this machine. No setting is needed: the launcher makes the database, queue, sealing
 * keys and passwords that no setting names, and an account for the first call.
 */
import { start } from './launcher/start.js';

process.exitCode = await start();
