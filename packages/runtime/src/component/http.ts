import { err, type HostInterface, OK, ok, type WitResult } from './host-function.ts';
import type { HostMemory } from './host-memory.ts';
import { FAILED, FutureTrailers, type IncomingBody, OutgoingBody } from './http/bodies.ts';
import { failureCase } from './http/failure-case.ts';
import { Fields, type Header, TOKEN } from './http/fields.ts';
import { FutureResponse, type HttpClient, type IncomingResponse } from './http/future-response.ts';
import type { HttpCase, HttpError } from './http/http-case.ts';
import type { IncomingRequest } from './http/incoming-request.ts';
import { OutgoingRequest, textBytes } from './http/outgoing-request.ts';
import { OutgoingResponse, type ResponseOutparam } from './http/outgoing-response.ts';
import { Pollable } from './pollable.ts';

/** Timeouts are the host's: these are kept and read back. */
class RequestOptions {
  readonly timeouts: Map<string, bigint | undefined> = new Map();
}

/** `wasi:http`. Each request that a guest sends goes through its address policy. */
export function httpInterfaces(client: HttpClient): Readonly<Record<string, HostInterface>> {
  return {
    'wasi:http/outgoing-handler': {
      // Without an authority the first part of the path would be read as one.
      handle: (request: OutgoingRequest) =>
        request.authority
          ? ok(new FutureResponse(request, client))
          : err(failureCase('bad-url', 'there is no authority')),
    },
    'wasi:http/types': httpTypes(client.memory),
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

function httpTypes(memory: HostMemory): HostInterface {
  const takes = (text: string | undefined): boolean => memory.takes(textBytes(text));
  return {
    ...timeoutFunctions,
    '[constructor]fields': () => new Fields(memory),
    '[static]fields.from-list': (headers: readonly Header[]) => {
      const fields = new Fields(memory);
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
    '[method]fields.clone': (self: Fields) => self.clone(),
    '[constructor]outgoing-request': (headers: Fields) => new OutgoingRequest(headers),
    '[method]outgoing-request.body': (self: OutgoingRequest) => {
      if (self.content) return FAILED;
      self.content = new OutgoingBody(memory);
      return ok(self.content);
    },
    '[method]outgoing-request.method': (self: OutgoingRequest) => self.method,
    '[method]outgoing-request.set-method': (self: OutgoingRequest, method: HttpCase) => {
      if (method.tag === 'other' && !TOKEN.test(method.val ?? '')) return FAILED;
      if (!takes(method.val)) return FAILED;
      self.method = method;
      return OK;
    },
    '[method]outgoing-request.path-with-query': (self: OutgoingRequest) => self.path,
    '[method]outgoing-request.set-path-with-query': (self: OutgoingRequest, path: string | undefined) => {
      if (!takes(path)) return FAILED;
      self.path = path === undefined || path.startsWith('/') ? path : `/${path}`;
      return OK;
    },
    '[method]outgoing-request.scheme': (self: OutgoingRequest) => self.scheme,
    '[method]outgoing-request.set-scheme': (self: OutgoingRequest, scheme: HttpCase | undefined) => {
      if (!takes(scheme?.val)) return FAILED;
      self.scheme = scheme;
      return OK;
    },
    '[method]outgoing-request.authority': (self: OutgoingRequest) => self.authority,
    '[method]outgoing-request.set-authority': (self: OutgoingRequest, authority: string | undefined) => {
      // What is behind one of these would be the path, or name another host than the guest has said.
      if (authority !== undefined && /[/?#\\@\s]/.test(authority)) return FAILED;
      if (!takes(authority)) return FAILED;
      self.authority = authority;
      return OK;
    },
    '[method]outgoing-request.headers': (self: OutgoingRequest) => self.headers,
    '[constructor]request-options': () => new RequestOptions(),
    '[method]incoming-request.method': (self: IncomingRequest) => self.method,
    '[method]incoming-request.path-with-query': (self: IncomingRequest) => self.path,
    '[method]incoming-request.scheme': (): HttpCase => ({ tag: 'HTTP' }),
    '[method]incoming-request.authority': (self: IncomingRequest) => self.authority,
    '[method]incoming-request.headers': (self: IncomingRequest) => self.headers,
    '[method]incoming-request.consume': (self: IncomingRequest) => self.consume(),
    '[static]response-outparam.set': (self: ResponseOutparam, answer: WitResult<OutgoingResponse, HttpError>) =>
      self.set(answer),
    '[method]incoming-response.status': (self: IncomingResponse) => self.status,
    '[method]incoming-response.headers': (self: IncomingResponse) => self.headers,
    '[method]incoming-response.consume': (self: IncomingResponse) => self.consume(),
    '[method]incoming-body.stream': (self: IncomingBody) => self.stream(),
    '[static]incoming-body.finish': () => new FutureTrailers(),
    '[method]future-trailers.subscribe': () => new Pollable(),
    '[method]future-trailers.get': (self: FutureTrailers) => self.get(),
    '[constructor]outgoing-response': (headers: Fields) => new OutgoingResponse(memory, headers),
    '[method]outgoing-response.status-code': (self: OutgoingResponse) => self.status,
    '[method]outgoing-response.set-status-code': (self: OutgoingResponse, status: number) => {
      self.status = status;
      return OK;
    },
    '[method]outgoing-response.headers': (self: OutgoingResponse) => self.headers,
    '[method]outgoing-response.body': (self: OutgoingResponse) => self.body(),
    '[method]outgoing-body.write': (self: OutgoingBody) => self.write(),
    '[static]outgoing-body.finish': (self: OutgoingBody) => {
      self.finish();
      return OK;
    },
    '[method]future-incoming-response.subscribe': (self: FutureResponse) => self.subscribe(),
    '[method]future-incoming-response.get': (self: FutureResponse) => self.get(),
    'http-error-code': () => undefined,
  };
}
