import type { Readable } from 'node:stream';
import type { CommandEnd } from '../command/command.ts';
import type { ServedRequest } from '../component/http/incoming-request.ts';

/** Told what comes of a request, in this order; exactly one of `end` and `fail` is last. */
export interface ServiceHandler {
  /** @param headers - In lower case, in their order, a name as often as the guest gave it. */
  head(status: number, headers: readonly (readonly [name: string, value: string])[]): void;
  data(chunk: Uint8Array): void;
  end(): void;
  /** @param reached - Whether the guest may have begun with it. */
  fail(reason: Error, reached: boolean): void;
}

/** A component that answers requests of HTTP, in a thread of its own. No socket is opened for it. */
export interface Service {
  /** The function it answers ends the request; nothing is told after that. */
  handle(request: ServedRequest, handler: ServiceHandler): () => void;
  readonly stderr: Readable;
  /** Linear memory of its instances, as it was when one of them last waited. */
  readonly memoryBytes: number;
  /** Resolves when its thread is gone; what it has written can still be read. */
  readonly ended: Promise<CommandEnd>;
  /** Ends it wherever it is. Idempotent. */
  end(): Promise<void>;
  /** Keeps the process alive no longer. */
  unref(): void;
}
