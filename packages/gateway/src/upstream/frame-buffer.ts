import { type JSONRPCMessage, parseJSONRPCMessage } from '@modelcontextprotocol/client';
import { parseJson } from '../json.ts';
import { LineBuffer } from './line-buffer.ts';

/**
 * Puts a buffer into one of the SDK's pipe transports in place of its own, which checks every frame against its schemas,
 * copies what it has at each chunk of a long one, and takes none of more than 10 MB.
 *
 * @param take - Offered each frame as it came; true for one that is not for the SDK.
 */
export function readFrames(transport: object, take: (frame: unknown) => boolean): void {
  const lines = new LineBuffer();
  Reflect.set(transport, '_readBuffer', {
    append: (chunk: Buffer) => lines.append(chunk),
    readMessage: () => next(lines, take),
    clear: () => lines.clear(),
  });
}

/** The next frame for the SDK. What is not JSON is skipped: programs print things. */
function next(lines: LineBuffer, take: (frame: unknown) => boolean): JSONRPCMessage | null {
  for (let line = lines.next(); line !== undefined; line = lines.next()) {
    const frame = parseJson(line);
    if (frame !== undefined && !take(frame)) return parseJSONRPCMessage(frame);
  }
  return null;
}
