import { Anthropic, type APIError } from '@anthropic-ai/sdk';

/** The SDK drops the words of a failed answer that is no JSON, as a proxy's is: they are kept here, as its `error`. */
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
