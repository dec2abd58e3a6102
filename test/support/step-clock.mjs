/** Loaded before an app (`node --import`): at SIGPWR (Nest ends at SIGUSR2) the clock of this process steps by CLOCK_STEP_MS, once more each time. */
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
