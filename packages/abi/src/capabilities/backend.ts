import { parseJson, readObject } from '../json.ts';

/**
 * The arguments that a guard gives to `call_backend`; none are an empty object.
 *
 * @throws ABI_BAD_MESSAGE when they are not a JSON object.
 */
export function decodeBackendArguments(text: string): Readonly<Record<string, unknown>> {
  if (text === '') return {};
  return readObject(parseJson(text, 'call_backend'), { exportName: 'call_backend', field: '' });
}
