/** When a superseded memory ended, where nobody says: when its successor became true if that was later than it, else now. */
export function defaultEnd(
  superseded: { readonly validFrom: Date },
  successor: { readonly validFrom: Date },
  now: Date,
): Date {
  return successor.validFrom > superseded.validFrom ? successor.validFrom : now;
}
