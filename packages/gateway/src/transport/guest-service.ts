import type { IncomingHttpHeaders } from 'node:http';
import { Readable, Writable } from 'node:stream';
import type { Command, Service } from '@lockgate/runtime';
import { GuestChild } from './guest-child.ts';
import type { HttpClient } from './http-client.ts';
import { whole } from './join-parts.ts';
import { GuestFailedError } from './server-link.ts';
import type { Spawned } from './spawned.ts';

/**
 * A guest that answers HTTP, as a program with pipes, and the client that its requests are sent with.
 *
 * @param tellsWords - Whether clients may be told how an instance has failed: what it traps with can be its own words.
 */
export function guestService(
  service: Service,
  tellsWords: () => boolean,
): { readonly child: Spawned; readonly client: HttpClient } {
  return { child: new GuestChild(asCommand(service)), client: clientOf(service, tellsWords) };
}

/** Nothing passes over its pipes: the end of its input ends it, and the end of its output tells that it is gone. */
function asCommand(service: Service): Command {
  const stdout = new Readable({ read: () => {} });
  void service.ended.then(() => stdout.push(null));
  const stdin = new Writable({
    write: (_chunk, _encoding, done) => done(),
    final: (done) => {
      void service.end();
      done();
    },
  });
  return {
    stdin,
    stdout,
    stderr: service.stderr,
    get memoryBytes() {
      return service.memoryBytes;
    },
    ended: service.ended,
    end: () => service.end(),
    unref: () => service.unref(),
  };
}

function clientOf(service: Service, tellsWords: () => boolean): HttpClient {
  return {
    isGuest: true,
    send: ({ pathname, search, host }, { method, headers, body }, handler) => {
      // Nothing is gained by compressing what stays in this process.
      const { 'accept-encoding': _, ...others } = headers;
      const content = body && whole(body);
      const request = {
        method,
        path: pathname + search,
        authority: host,
        // A request over a socket says its length, and a program may go by it.
        headers: Object.entries({ host, ...others, ...(content && { 'content-length': `${content.length}` }) }),
        body: content ?? Buffer.alloc(0),
      };
      let isOver = false;
      // A guest that is gone says so before there is anything to stop.
      let stop = (): void => {};
      const fail = (cause: Error, reached: boolean): void => {
        if (isOver) return;
        isOver = true;
        stop();
        handler.onFailure(reached && tellsWords() ? new GuestFailedError(cause.message, { cause }) : cause, reached);
      };
      const told = (tell: () => void): void => {
        if (isOver) return;
        try {
          tell();
        } catch (error) {
          fail(error as Error, true);
        }
      };
      stop = service.handle(request, {
        head: (status, answered) => told(() => handler.onHead(status, incoming(answered))),
        data: (chunk) =>
          told(() => handler.onData(Buffer.from(chunk.buffer as ArrayBuffer, chunk.byteOffset, chunk.length))),
        end: () =>
          told(() => {
            isOver = true;
            handler.onEnd();
          }),
        fail,
      });
      return () => {
        isOver = true;
        stop();
      };
    },
  };
}

/** As Node has them: what comes more than once is one text, cookies a list. */
function incoming(headers: readonly (readonly [name: string, value: string])[]): IncomingHttpHeaders {
  const joined: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of headers) {
    const known = joined[name];
    if (name === 'set-cookie') joined[name] = [...((known as string[] | undefined) ?? []), value];
    else joined[name] = known === undefined ? value : `${known as string}, ${value}`;
  }
  return joined;
}
