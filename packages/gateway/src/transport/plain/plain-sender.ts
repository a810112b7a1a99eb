import type { AnswerHandler, Sender, Sending, SentRequest } from '../sender.ts';
import { type Origin, PlainConnection } from './plain-connection.ts';

/** How often it is looked for connections that have waited too long, in milliseconds. */
const LOOK_MS = 1_000;

const HTTP_PORT = 80;

/** What is the same for all requests to a URL. */
interface Target {
  readonly origin: Origin;
  /** What stands behind the method in the request line. */
  readonly start: string;
  /** `Host`, for requests that have none of their own. */
  readonly host: string;
}

/** Sends requests to servers that are reached without TLS, over connections that are kept and shared. A URL object is not changed between its requests. */
export class PlainSender implements Sender {
  readonly #origins = new Map<string, Origin>();
  readonly #targets = new WeakMap<URL, Target>();
  #looking: NodeJS.Timeout | undefined;

  send(url: URL, request: SentRequest, handler: AnswerHandler): Sending {
    const { origin, start, host } = this.#targetOf(url);
    const connection = usable(origin) ?? new PlainConnection(origin);
    this.#looking ??= setInterval(() => this.#look(), LOOK_MS).unref();
    try {
      const own = request.headers.host === undefined ? host : '';
      return connection.send(`${request.method} ${start}${own}connection: keep-alive\r\n`, request, handler);
    } catch (error) {
      connection.end();
      throw error;
    }
  }

  #targetOf(url: URL): Target {
    const known = this.#targets.get(url);
    if (known) return known;
    const { host, hostname, port, pathname, search } = url;
    const origin = this.#originOf(host, {
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? HTTP_PORT : Number(port),
      idle: [],
    });
    const target = { origin, start: `${pathname}${search} HTTP/1.1\r\n`, host: `host: ${host}\r\n` };
    this.#targets.set(url, target);
    return target;
  }

  #originOf(key: string, made: Origin): Origin {
    const origin = this.#origins.get(key) ?? made;
    this.#origins.set(key, origin);
    return origin;
  }

  /** Ends connections that have waited too long. */
  #look(): void {
    const now = performance.now();
    for (const { idle } of this.#origins.values()) {
      for (const connection of idle.splice(0)) {
        if (connection.isUsable(now)) idle.push(connection);
        else connection.end();
      }
    }
    if ([...this.#origins.values()].some(({ idle }) => idle.length > 0)) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }
}

/** The connection that was used last: others are left to be closed. */
function usable({ idle }: Origin): PlainConnection | undefined {
  const now = performance.now();
  for (let last = idle.pop(); last; last = idle.pop()) {
    if (last.isUsable(now)) return last;
    last.end();
  }
  return undefined;
}
