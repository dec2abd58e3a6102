export { KeyOpener } from './key-opener.js';
