/**
 * `node --import` loads this file before an app. At each SIGPWR the clock of the process steps by CLOCK_STEP_MS. SIGUSR2 is
 * not used, because Nest ends at it.
 */
const step = Number(process.env.CLOCK_STEP_MS ?? 0);
const RealDate = Date;
let offset = 0;

process.on('SIGPWR', () => {
  offset += step;
});

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + offset);
    else super(...given);
  }

  static now() {
    return RealDate.now() + offset;
  }
};
