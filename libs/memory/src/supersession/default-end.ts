interface Begun {
  readonly validFrom: Date;
}

/**
 * When a memory ended, where nobody says. Where its successor became true later, it was true until then: imported history
 * has its own time. Else until now.
 */
export function defaultEnd(ended: Begun, successor: Begun | undefined, now: Date): Date {
  return successor !== undefined && successor.validFrom > ended.validFrom
    ? successor.validFrom
    : now;
}
