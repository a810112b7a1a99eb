import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { readBody, writeAnswer } from '../../../src/transport/http-answer.ts';
import { QuickConnections, type ServeCall } from '../../../src/transport/quick/quick-connections.ts';

export const LIMITS = { maxHeaderBytes: 2_048, maxBodyBytes: 4_096 };

/** Who has read a request: `quick`, or Node. */
export type ReadBy = 'quick' | 'node';

export interface OpenServer extends AsyncDisposable {
  readonly connections: QuickConnections;
  readonly port: number;
  /** By whom each request was read, in order. */
  readonly readBy: ReadBy[];
  /** What was read of requests that came whole. */
  readonly requests: string[];
  /** The server's ends of all connections. */
  readonly accepted: Socket[];
  connect(): Promise<Client>;
}

export interface ServerOptions {
  /** False for a server of Node's alone. @default true */
  readonly quick?: boolean;
  /** @default tells the client what was read of its request */
  readonly serve?: ServeCall;
}

/** Answers with all that was read of a request, and notes it. */
function tellBack(requests: string[]): ServeCall {
  return (request, response) =>
    readBody(request, LIMITS.maxBodyBytes, (body) => {
      if (body === 'aborted') return;
      const { method, url, headers, rawHeaders } = request;
      const told = JSON.stringify({ method, url, headers, rawHeaders, body: body.toString('latin1') });
      requests.push(told);
      writeAnswer(response, { status: 200, body: told }, { 'content-type': 'application/json' });
    });
}

/** A server whose plain calls are read quickly, on a port of this machine. */
export async function openServer({ quick = true, serve }: ServerOptions = {}): Promise<OpenServer> {
  const readBy: ReadBy[] = [];
  const requests: string[] = [];
  const serving = serve ?? tellBack(requests);
  const accepted: Socket[] = [];
  const answer =
    (by: ReadBy): ServeCall =>
    (request, response) => {
      readBy.push(by);
      serving(request, response);
    };
  const options = { maxHeaderSize: LIMITS.maxHeaderBytes, keepAliveTimeout: 65_000, headersTimeout: 60_000 };
  const server = createServer(options, answer('node'));
  const connections = quick ? new QuickConnections(server, LIMITS, answer('quick')) : ({} as QuickConnections);
  server.on('connection', (socket: Socket) => accepted.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    connections,
    port,
    readBy,
    requests,
    accepted,
    async connect() {
      const socket = connect(port, '127.0.0.1').setNoDelay();
      const before = accepted.length;
      while (accepted.length === before) await turn();
      return new Client(socket, accepted[before] as Socket);
    },
    async [Symbol.asyncDispose]() {
      for (const socket of accepted) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A client that writes what it is told to, and keeps what it gets. */
export class Client {
  readonly socket: Socket;
  /** The server's end. */
  readonly accepted: Socket;
  received = '';
  isClosed = false;

  constructor(socket: Socket, accepted: Socket) {
    this.socket = socket;
    this.accepted = accepted;
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.received += text;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isClosed = true;
    });
  }

  /** Writes it, and waits until the server has read it, or has ended the connection. */
  async write(bytes: string | Buffer): Promise<void> {
    const until = this.accepted.bytesRead + bytes.length;
    this.socket.write(bytes as string, 'latin1');
    while (this.accepted.bytesRead < until && !this.accepted.destroyed) await turn();
  }

  /** Sends nothing more, and waits for the end of the connection. */
  async end(): Promise<void> {
    // What has been read is answered in the same turn or in the next ones.
    for (let turns = 0; turns < 3; turns++) await turn();
    this.socket.end();
    await this.closed();
  }

  async closed(): Promise<void> {
    while (!this.isClosed) await turn();
  }

  /** Waits until so many answers have begun. */
  async answers(count: number): Promise<void> {
    while (this.received.split('HTTP/1.1 ').length <= count && !this.isClosed) await turn();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A request that is read quickly. */
export function plainPost(body: string, headers = ''): string {
  return `POST /mcp HTTP/1.1\r\nHost: localhost\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
}
