import type { ChildProcess } from 'node:child_process';
import type { JSONRPCMessage } from '@modelcontextprotocol/client';
import { StdioClientTransport, type StdioServerParameters } from '@modelcontextprotocol/client/stdio';
import { Answers, type AskOptions, type DirectTransport, type RequestFrame } from './direct-transport.ts';
import { readFrames } from './frame-buffer.ts';
import type { JsonObject } from './message.ts';

/**
 * A program and its pipes. A class of its own also because the SDK asks plain ones for their protocol era in a second,
 * throw-away process: every program would start twice; the connection falls back by itself where the question does not go
 * down well.
 */
export class ProgramTransport extends StdioClientTransport implements DirectTransport {
  readonly #answers = new Answers();

  constructor(parameters: StdioServerParameters) {
    super(parameters);
    readFrames(this, (frame) => this.take(frame));
  }

  override async start(): Promise<void> {
    await super.start();
    // The SDK notices a process that ends, but not one that closes its stdout and lives on: nothing can answer then.
    const { stdout } = Reflect.get(this, '_process') as ChildProcess;
    stdout?.once('end', () => {
      this.onclose?.();
      void this.close();
    });
  }

  async ask(frame: RequestFrame, { signal }: AskOptions): Promise<JsonObject> {
    const { result, fail } = this.#answers.expect(frame.id, signal);
    this.send(frame as JSONRPCMessage).catch(fail);
    return result;
  }

  take(frame: unknown): boolean {
    return this.#answers.take(frame);
  }
}
