import type { Bytes } from '../protocol/frame/write-frame.ts';
import type { ChildEvents, ChildProcess } from './child-process.ts';
import { HttpLink } from './http-link.ts';
import type { PipeLinkOptions } from './pipe-link.ts';
import type { GuestProgram, Programs } from './programs.ts';
import type { LinkEvents, ServerLink, Ticket } from './server-link.ts';

/** What a guest is told that it was asked at; no name is resolved, and no socket opened. */
const ADDRESS = new URL('http://localhost/mcp');

export interface ServiceLinkOptions extends Pick<PipeLinkOptions, 'onStderr' | 'onExit' | 'redact'> {
  readonly programs: Programs;
  readonly program: GuestProgram;
}

/** A guest that answers streamable HTTP: requests are handed to it in this process. */
export class ServiceLink implements ServerLink {
  readonly ownStreams = true;
  readonly #options: ServiceLinkOptions;
  /** Fires when it is closed: a guest that is still starting ends then. */
  readonly #closing = new AbortController();
  #child: ChildProcess | undefined;
  #http: HttpLink | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: ServiceLinkOptions) {
    this.#options = options;
  }

  /** Whether requests carry the id of a session, which the guest may have forgotten. */
  get hasSession(): boolean {
    return this.#http?.hasSession ?? false;
  }

  async start(events: LinkEvents): Promise<void> {
    const { programs, program, onStderr, onExit, redact } = this.#options;
    const childEvents: ChildEvents = {
      onStdout: () => undefined,
      onStderr: (text) => {
        events.sign();
        onStderr(text);
      },
      onEnd: (reason, remedy) => {
        events.ended(redact(reason), remedy);
        void this.close();
      },
      onExit: (exit) => {
        if (this.#closed === undefined) onExit?.(exit);
      },
    };
    const { child, client } = await programs.startService(program, childEvents, this.#closing.signal);
    this.#child = child;
    this.#http = new HttpLink(ADDRESS, {}, undefined, client);
    await this.#http.start(events);
    if (this.#closed !== undefined) await child.close();
  }

  send(frame: Bytes, ticket?: Ticket, headers?: Readonly<Record<string, string>>): () => void {
    if (this.#http) return this.#http.send(frame, ticket, headers);
    ticket?.failed(new Error('the program has ended'), false);
    return () => {};
  }

  settled(version: string, frame: Bytes): Promise<void> {
    return this.#http?.settled(version, frame) ?? Promise.resolve();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await this.#http?.close();
    await this.#child?.close();
  }
}
