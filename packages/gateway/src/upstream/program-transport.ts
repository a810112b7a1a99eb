import type { ChildProcess } from 'node:child_process';
import { type JSONRPCMessage, parseJSONRPCMessage } from '@modelcontextprotocol/client';
import { StdioClientTransport, type StdioServerParameters } from '@modelcontextprotocol/client/stdio';
import { parseJson } from '../json.ts';
import { Answers, type AskOptions, type DirectTransport, type RequestFrame } from './direct-transport.ts';
import { LineBuffer } from './line-buffer.ts';
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
    const lines = new LineBuffer();
    // The SDK's own buffer checks every frame against its schemas and copies what it has at each chunk of a long one.
    Reflect.set(this, '_readBuffer', {
      append: (chunk: Buffer) => lines.append(chunk),
      readMessage: () => this.#next(lines),
      clear: () => lines.clear(),
    });
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

  /** The next frame that is for the SDK. What is not JSON is skipped: programs print things. */
  #next(lines: LineBuffer): JSONRPCMessage | null {
    for (let line = lines.next(); line !== undefined; line = lines.next()) {
      const frame = parseJson(line);
      if (frame !== undefined && !this.take(frame)) return parseJSONRPCMessage(frame);
    }
    return null;
  }
}
