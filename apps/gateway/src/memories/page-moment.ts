import type { Moment } from '@app/memory';

interface AskedMoment {
  readonly as_of?: Date | undefined;
  readonly transaction_as_of?: Date | undefined;
}

/**
 * The moment that a page of a list shows. The first shows what was asked for; later ones what was believed when the
 * first was read, so that a memory superseded in between neither goes missing nor is seen twice.
 * "Believed now and true now" then needs its second half said too: a transaction time alone means whatever its validity.
 */
export function momentOfPage(
  { as_of, transaction_as_of }: AskedMoment,
  firstReadAt: Date | undefined,
): Moment {
  if (firstReadAt === undefined) return { asOf: as_of, transactionAsOf: transaction_as_of };
  if (transaction_as_of !== undefined) {
    // What will be believed by then is not known yet: a moment to come is as good as the first page's.
    return { asOf: as_of, transactionAsOf: earlier(transaction_as_of, firstReadAt) };
  }
  return { asOf: as_of ?? firstReadAt, transactionAsOf: firstReadAt };
}

const earlier = (one: Date, other: Date): Date => (one < other ? one : other);
