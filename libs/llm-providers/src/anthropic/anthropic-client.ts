import { Anthropic, type APIError } from '@anthropic-ai/sdk';

/** The SDK drops the body of a failed answer that is not JSON, such as a proxy's. It is kept here, as the error's `error`. */
export class AnthropicClient extends Anthropic {
  protected override makeStatusError(
    status: number,
    body: object | undefined,
    text: string | undefined,
    headers: Headers,
  ): APIError {
    const error = super.makeStatusError(status, body as object, text, headers);
    return body === undefined ? Object.assign(error, { error: text }) : error;
  }
}
