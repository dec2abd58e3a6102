import { withRefusedKeys } from '../errors/failure-words.js';
import type { LlmErrorCode } from '../errors/llm.error.js';
import type { ProviderFailure } from '../errors/provider-failure.js';
import { classifyOpenAiFailure } from '../openai/classify-openai-failure.js';

/** Falls back to OpenAI's classification. The code or the message shows which of its three meanings Azure's 404 has. */
export const classifyAzureFailure = withRefusedKeys(classify);

function classify(failure: ProviderFailure): LlmErrorCode {
  const { status, code, message } = failure;
  if (code === 'DeploymentNotFound') return 'llm_model_invalid';
  if (code === 'OperationNotSupported') return 'llm_model_invalid';
  if (/api version not supported|enabled only for api versions/i.test(message))
    return 'llm_endpoint_invalid';
  if (status === 404 && (code === '404' || /resource not found/i.test(message)))
    return 'llm_endpoint_invalid';
  return classifyOpenAiFailure(failure);
}
