import { SetMetadata } from '@nestjs/common';

export const ANY_INPUT = 'any-input';

/** Takes whatever a probe or a browser sends, and looks at none of it. */
export const AnyInput = (): ClassDecorator => SetMetadata(ANY_INPUT, true);
