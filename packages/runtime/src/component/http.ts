import { decodeHttpResponse, encodeHttpRequest } from '@lockgate/abi';
import { err, type HostInterface, OK, ok, type WitResult } from './host-function.ts';
import { Pollable } from './pollable.ts';
import { InputStream, OutputStream, StreamError } from './streams.ts';

/** One request, as JSON in and out; see `HostCapabilities` of abi. */
export type SendHttp = (request: string) => string | Promise<string>;

type Header = readonly [name: string, value: Uint8Array];
type Named = { readonly tag: string; readonly val?: string };

/** Bytes of a request's body. */
const MOST_BODY_BYTES = 16 * 1024 * 1024;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const INVALID: WitResult<never, Named> = Object.freeze({ tag: 'err', val: { tag: 'invalid-syntax' } });
const IMMUTABLE: WitResult<never, Named> = Object.freeze({ tag: 'err', val: { tag: 'immutable' } });
const FAILED: WitResult<never, never> = Object.freeze({ tag: 'err' });

const encoder = new TextEncoder();
const decoder = new TextDecoder();

class Fields {
  headers: readonly Header[];
  isFrozen = false;

  constructor(headers: readonly Header[] = []) {
    this.headers = headers;
  }

  get(name: string): Uint8Array[] {
    return this.headers.filter((header) => isNamed(header, name)).map(([, value]) => value);
  }

  set(name: string, values: readonly Uint8Array[]): WitResult<never, Named> {
    return this.#replace([name, ...values.map(() => name)], values, () => [
      ...this.headers.filter((header) => !isNamed(header, name)),
      ...values.map((value): Header => [name, value]),
    ]);
  }

  append(name: string, value: Uint8Array): WitResult<never, Named> {
    return this.#replace([name], [value], () => [...this.headers, [name, value]]);
  }

  #replace(
    names: readonly string[],
    values: readonly Uint8Array[],
    next: () => readonly Header[],
  ): WitResult<never, Named> {
    if (this.isFrozen) return IMMUTABLE;
    if (!names.every((name) => TOKEN.test(name)) || !values.every(isHeaderValue)) return INVALID;
    this.headers = next();
    return OK;
  }
}

class OutgoingBody {
  readonly chunks: Uint8Array[] = [];
  byteLength = 0;
  stream: OutputStream | undefined;

  write(): WitResult<OutputStream, never> {
    if (this.stream) return FAILED;
    this.stream = new OutputStream((bytes) => {
      this.byteLength += bytes.length;
      if (this.byteLength > MOST_BODY_BYTES) throw new StreamError(`the body is larger than ${MOST_BODY_BYTES} bytes`);
      this.chunks.push(bytes.slice());
    });
    return ok(this.stream);
  }
}

class OutgoingRequest {
  readonly headers: Fields;
  method: Named = { tag: 'get' };
  path: string | undefined;
  scheme: Named | undefined;
  authority: string | undefined;
  content: OutgoingBody | undefined;

  constructor(headers: Fields) {
    this.headers = headers;
    headers.isFrozen = true;
  }

  /** As the host's own JSON has it. */
  encode(): string {
    const { scheme, method } = this;
    const protocol = scheme?.tag === 'other' ? scheme.val : (scheme?.tag ?? 'HTTPS');
    const headers: Record<string, string> = {};
    for (const [name, value] of this.headers.headers) {
      const text = decoder.decode(value);
      const known = Object.keys(headers).find((key) => key.toLowerCase() === name.toLowerCase());
      headers[known ?? name] = known ? `${headers[known]}, ${text}` : text;
    }
    return encodeHttpRequest({
      method: (method.tag === 'other' ? (method.val ?? '') : method.tag).toUpperCase(),
      url: `${protocol?.toLowerCase()}://${this.authority ?? ''}${this.path ?? '/'}`,
      headers,
      ...(this.content && { body: Buffer.concat(this.content.chunks) }),
    });
  }
}

class IncomingBody {
  readonly #bytes: Uint8Array;
  #offset = 0;
  #isTaken = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  stream(): WitResult<InputStream, never> {
    if (this.#isTaken) return FAILED;
    this.#isTaken = true;
    return ok(
      new InputStream((most) => {
        const part = this.#bytes.subarray(this.#offset, this.#offset + most);
        this.#offset += part.length;
        return part.length === 0 ? undefined : part;
      }),
    );
  }
}

class IncomingResponse {
  readonly status: number;
  readonly headers: Fields;
  #body: Uint8Array | undefined;

  constructor(status: number, headers: Fields, body: Uint8Array) {
    this.status = status;
    this.headers = headers;
    this.headers.isFrozen = true;
    this.#body = body;
  }

  consume(): WitResult<IncomingBody, never> {
    const body = this.#body;
    this.#body = undefined;
    return body ? ok(new IncomingBody(body)) : FAILED;
  }
}

/** The answer to a request, which is sent when it is first asked for: guests write the body after they have said to send it. */
class FutureResponse {
  readonly #request: OutgoingRequest;
  readonly #send: SendHttp;
  readonly #say: (line: string) => void;
  #answer: WitResult<IncomingResponse, Named> | undefined;
  #isTaken = false;

  constructor(request: OutgoingRequest, send: SendHttp, say: (line: string) => void) {
    this.#request = request;
    this.#send = send;
    this.#say = say;
  }

  subscribe(): Pollable {
    return new Pollable(
      () => (this.#answer ? 0 : Number.POSITIVE_INFINITY),
      () => this.#arrive(),
    );
  }

  get(): unknown {
    const arriving = (this.#answer ? undefined : this.#arrive()) as Promise<void> | undefined;
    return arriving === undefined ? this.#take() : arriving.then(() => this.#take());
  }

  #take(): WitResult {
    if (this.#isTaken) return FAILED;
    this.#isTaken = true;
    return ok(this.#answer);
  }

  #arrive(): void | Promise<void> {
    const text = this.#send(this.#request.encode());
    if (typeof text !== 'string') return text.then((answer) => this.#receive(answer));
    this.#receive(text);
  }

  #receive(text: string): void {
    const { status, headers, body } = decodeHttpResponse(text);
    if (status === 0) {
      const reason = decoder.decode(body);
      this.#say(`HTTP request failed: ${reason}`);
      this.#answer = err(failureOf(reason));
      return;
    }
    const fields = Object.entries(headers).map(([name, value]): Header => [name, encoder.encode(value)]);
    this.#answer = ok(new IncomingResponse(status, new Fields(fields), body));
  }
}

class FutureTrailers {
  #isTaken = false;

  get(): WitResult {
    if (this.#isTaken) return FAILED;
    this.#isTaken = true;
    return ok(ok(undefined));
  }
}

/** Timeouts are the host's: these are kept and read back. */
class RequestOptions {
  readonly timeouts: Map<string, bigint | undefined> = new Map();
}

/** Whoever serves requests would answer here; tools do not. */
class OutgoingResponse {
  readonly headers: Fields;
  status = 200;

  constructor(headers: Fields) {
    this.headers = headers;
  }
}

/** What is not granted is denied, and anything else that fails says why. */
function failureOf(reason: string): Named {
  return /not granted|not public/.test(reason)
    ? { tag: 'HTTP-request-denied' }
    : { tag: 'internal-error', val: reason };
}

/**
 * `wasi:http`, as senders of requests use it; each goes through the guest's address policy.
 *
 * @param say - Told why a request failed: guests see no more than that it was denied, or failed.
 */
export function httpInterfaces(send: SendHttp, say: (line: string) => void): Readonly<Record<string, HostInterface>> {
  return {
    'wasi:http/outgoing-handler': { handle: (request: OutgoingRequest) => ok(new FutureResponse(request, send, say)) },
    'wasi:http/types': httpTypes,
  };
}

const timeoutFunctions = Object.fromEntries(
  ['connect-timeout', 'first-byte-timeout', 'between-bytes-timeout'].flatMap((name) => [
    [`[method]request-options.${name}`, (self: RequestOptions) => self.timeouts.get(name)],
    [
      `[method]request-options.set-${name}`,
      (self: RequestOptions, value: bigint | undefined) => {
        self.timeouts.set(name, value);
        return OK;
      },
    ],
  ]),
) as HostInterface;

const httpTypes: HostInterface = {
  ...timeoutFunctions,
  '[constructor]fields': () => new Fields(),
  '[static]fields.from-list': (headers: readonly Header[]) => {
    const fields = new Fields();
    for (const [name, value] of headers) {
      const added = fields.append(name, value);
      if (added.tag === 'err') return added;
    }
    return ok(fields);
  },
  '[method]fields.get': (self: Fields, name: string) => self.get(name),
  '[method]fields.has': (self: Fields, name: string) => self.get(name).length > 0,
  '[method]fields.set': (self: Fields, name: string, values: readonly Uint8Array[]) => self.set(name, values),
  '[method]fields.delete': (self: Fields, name: string) => self.set(name, []),
  '[method]fields.append': (self: Fields, name: string, value: Uint8Array) => self.append(name, value),
  '[method]fields.entries': (self: Fields) => self.headers,
  '[method]fields.clone': (self: Fields) => new Fields(self.headers),
  '[constructor]outgoing-request': (headers: Fields) => new OutgoingRequest(headers),
  '[method]outgoing-request.body': (self: OutgoingRequest) => {
    if (self.content) return FAILED;
    self.content = new OutgoingBody();
    return ok(self.content);
  },
  '[method]outgoing-request.method': (self: OutgoingRequest) => self.method,
  '[method]outgoing-request.set-method': (self: OutgoingRequest, method: Named) => {
    if (method.tag === 'other' && !TOKEN.test(method.val ?? '')) return FAILED;
    self.method = method;
    return OK;
  },
  '[method]outgoing-request.path-with-query': (self: OutgoingRequest) => self.path,
  '[method]outgoing-request.set-path-with-query': (self: OutgoingRequest, path: string | undefined) => {
    self.path = path === undefined || path.startsWith('/') ? path : `/${path}`;
    return OK;
  },
  '[method]outgoing-request.scheme': (self: OutgoingRequest) => self.scheme,
  '[method]outgoing-request.set-scheme': (self: OutgoingRequest, scheme: Named | undefined) => {
    self.scheme = scheme;
    return OK;
  },
  '[method]outgoing-request.authority': (self: OutgoingRequest) => self.authority,
  '[method]outgoing-request.set-authority': (self: OutgoingRequest, authority: string | undefined) => {
    // What is behind one of these would be the path, or name another host than the guest has said.
    if (authority !== undefined && /[/?#\\@\s]/.test(authority)) return FAILED;
    self.authority = authority;
    return OK;
  },
  '[method]outgoing-request.headers': (self: OutgoingRequest) => self.headers,
  '[constructor]request-options': () => new RequestOptions(),
  '[static]response-outparam.set': () => undefined,
  '[method]incoming-response.status': (self: IncomingResponse) => self.status,
  '[method]incoming-response.headers': (self: IncomingResponse) => self.headers,
  '[method]incoming-response.consume': (self: IncomingResponse) => self.consume(),
  '[method]incoming-body.stream': (self: IncomingBody) => self.stream(),
  '[static]incoming-body.finish': () => new FutureTrailers(),
  '[method]future-trailers.subscribe': () => new Pollable(),
  '[method]future-trailers.get': (self: FutureTrailers) => self.get(),
  '[constructor]outgoing-response': (headers: Fields) => new OutgoingResponse(headers),
  '[method]outgoing-response.status-code': (self: OutgoingResponse) => self.status,
  '[method]outgoing-response.set-status-code': (self: OutgoingResponse, status: number) => {
    self.status = status;
    return OK;
  },
  '[method]outgoing-response.headers': (self: OutgoingResponse) => self.headers,
  '[method]outgoing-response.body': () => ok(new OutgoingBody()),
  '[method]outgoing-body.write': (self: OutgoingBody) => self.write(),
  '[static]outgoing-body.finish': (self: OutgoingBody) => {
    self.stream?.close();
    return OK;
  },
  '[method]future-incoming-response.subscribe': (self: FutureResponse) => self.subscribe(),
  '[method]future-incoming-response.get': (self: FutureResponse) => self.get(),
  'http-error-code': () => undefined,
};

function isNamed([name]: Header, wanted: string): boolean {
  return name.toLowerCase() === wanted.toLowerCase();
}

function isHeaderValue(value: Uint8Array): boolean {
  return value.every((byte) => byte === 9 || (byte >= 32 && byte !== 127));
}
