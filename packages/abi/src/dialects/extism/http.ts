import { fromBase64, toBase64 } from '../../capabilities/base64.ts';
import type { HostCapabilities, WaitingFunction } from '../../capabilities/host.ts';
import { RAW_BODY } from '../../capabilities/http.ts';
import { LockgateError } from '../../errors.ts';
import {
  inside,
  type JsonObject,
  type Place,
  parseJson,
  readObject,
  readText,
  readTextMap,
  refuseOtherFields,
} from '../../json.ts';
import { HostRefusal } from './host-refusal.ts';
import type { Kernel } from './kernel.ts';

/** `http_request` with the host's own HTTP, whose address policy is asked at every redirect. Source: EXTISM.md §1.2. */
export function httpFunction(kernel: Kernel, http: HostCapabilities['http']): WaitingFunction {
  return {
    ask: (request: bigint, body: bigint) => {
      const text = kernel.json(Number(request));
      const bytes = body === 0n ? undefined : kernel.bytes(Number(body));
      if (text === undefined) throw new HostRefusal('the guest asked for HTTP without saying what');
      return http(encodeRequest(text, bytes));
    },
    finish: (response: string, request: bigint, body: bigint) => {
      const handle = receive(kernel, response);
      kernel.free(Number(request));
      kernel.free(Number(body));
      return BigInt(handle);
    },
  };
}

/** @throws HostRefusal */
function encodeRequest(text: string, body: Uint8Array | undefined): string {
  const { url, method, headers } = readRequest(text);
  return JSON.stringify({
    url,
    method,
    headers: { ...headers, [RAW_BODY]: '1' },
    ...(body !== undefined && { body_base64: toBase64(body) }),
  });
}

function readRequest(text: string): { url: string; method: string; headers: Readonly<Record<string, string>> } {
  const place: Place = { exportName: 'http_request', field: '' };
  try {
    const json: JsonObject = readObject(parseJson(text, place.exportName), place);
    refuseOtherFields(json, ['url', 'method', 'headers'], place);
    return {
      url: readText(json.url, inside(place, 'url')),
      method: readText(json.method ?? 'GET', inside(place, 'method')).toUpperCase(),
      headers: readTextMap(json.headers, inside(place, 'headers')),
    };
  } catch (error) {
    if (LockgateError.isInstance(error)) throw new HostRefusal((error as Error).message);
    throw error;
  }
}

/** The handle of the body; 0 where it is empty. @throws HostRefusal for a request that came to nothing */
function receive(kernel: Kernel, text: string): number {
  const response = parseJson(text, 'http_request') as { status: number; body?: string; body_base64?: string };
  if (response.status === 0) throw new HostRefusal(`the HTTP request failed: ${response.body ?? ''}`);
  kernel.httpStatus = response.status;
  const body = fromBase64(response.body_base64 ?? '') ?? new Uint8Array(0);
  const handle = kernel.arena.place(body);
  if (handle === 0 && body.length > 0) throw new HostRefusal(`there is no room for a response of ${body.length} bytes`);
  return handle;
}
