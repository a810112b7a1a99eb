// Part of the SDK for plugins that reach the network: copy it next to sdk.ts. The host decides which hosts may be reached.
import { Json, Kind, give, free, take } from './sdk';

@external('env', 'host_http_request')
declare function hostHttpRequest(request: u64): u64;

export class HttpResponse {
  /** 0 where no answer came: `body` then says why. */
  constructor(readonly status: i32, readonly headers: Json, readonly body: string) {}

  get isOk(): bool {
    return this.status >= 200 && this.status < 300;
  }
}

/** Sends a request and waits for the answer. `headers` is an object of strings; a `body` of null sends none. */
export function sendRequest(method: string, url: string, headers: Json, body: string | null = null): HttpResponse {
  const request = Json.object().set('method', Json.string(method)).set('url', Json.string(url)).set('headers', headers);
  if (body != null) request.set('body', Json.string(body));
  const sent = give(request.stringify());
  const received = hostHttpRequest(sent);
  const response = Json.parse(take(received));
  free(<usize>(sent >> 32));
  free(<usize>(received >> 32));
  if (response.kind != Kind.Object) return new HttpResponse(0, Json.object(), 'the host gave no answer');
  return new HttpResponse(I32.parseInt(response.at('status').text), response.at('headers'), response.at('body').text);
}
