import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { text as readAll } from 'node:stream/consumers';
import type { LockgateFile } from '../../src/config/schema.ts';
import type { SignedIn } from '../../src/console/api.ts';
import type { ConsoleSupport } from '../../src/console/console-sources.ts';
import type { Gateway, GatewayOptions } from '../../src/gateway.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Told {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers of any kind
  readonly body: any;
}

/** Asks with exactly these headers, which `fetch` would not. */
export async function ask(url: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Told> {
  const { promise, resolve, reject } = Promise.withResolvers<Told>();
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const type = sent === undefined ? {} : { 'content-type': 'application/json' };
  const request = httpRequest(url, { method, headers: { ...type, ...headers } }, (response) => {
    void readAll(response).then((text) => {
      const isJson = response.headers['content-type']?.startsWith('application/json');
      const parsed = isJson && text !== '' ? JSON.parse(text) : undefined;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsed });
    });
  });
  request.once('error', reject);
  request.end(sent);
  return promise;
}

/** Somebody who is signed in. */
export interface Browser {
  readonly session: SignedIn;
  readonly cookie: string;
  ask(path: string, asked?: Asked): Promise<Told>;
}

/** A gateway with a console, on a port of its own. */
export class OpenedConsole implements AsyncDisposable {
  readonly gateway: Gateway;
  /** `http://127.0.0.1:<port>` */
  readonly base: string;
  readonly logged: string[];

  private constructor(gateway: Gateway, base: string, logged: string[]) {
    this.gateway = gateway;
    this.base = base;
    this.logged = logged;
  }

  static async open(
    config: LockgateFile = {},
    support: ConsoleSupport = {},
    more: GatewayOptions = {},
  ): Promise<OpenedConsole> {
    const logged: string[] = [];
    const log = (fields: object, message: string): void => void logged.push(JSON.stringify({ fields, message }));
    const logger = { debug: log, info: log, warn: log, error: log };
    const listening = { ...config, gateway: { listen: '127.0.0.1:0', ...config.gateway } };
    const gateway = await createGateway(listening, { logger, console: support, ...more });
    const { url } = await gateway.listen();
    await gateway.started();
    return new OpenedConsole(gateway, url.replace(/\/mcp$/, ''), logged);
  }

  api(path: string): string {
    return `${this.base}/console/api/${path}`;
  }

  get link(): string {
    return new URL(this.gateway.signInLink() ?? '').hash.replace('#sign-in=', '');
  }

  /** Signs in by a link, or with a key. */
  async signIn(how: { readonly key?: string; readonly cookie?: string } = {}): Promise<Browser> {
    const body = how.key === undefined ? { token: this.link } : { key: how.key };
    const headers = { origin: this.base, ...(how.cookie !== undefined && { cookie: how.cookie }) };
    const told = await ask(this.api('session'), { method: 'POST', headers, body });
    if (told.status !== 200) throw new Error(`${told.status} ${told.text}`);
    const cookie = (told.headers['set-cookie']?.[0] ?? '').split(';', 1)[0] ?? '';
    const session = told.body as SignedIn;
    return {
      session,
      cookie,
      ask: (path, { headers: more = {}, method = 'GET', ...asked } = {}) => {
        const change = method === 'GET' ? {} : { origin: this.base, 'x-lockgate-csrf': session.csrf };
        return ask(this.api(path), { ...asked, method, headers: { cookie, ...change, ...more } });
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway.close();
  }
}
