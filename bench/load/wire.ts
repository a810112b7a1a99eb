/** A way to a server on which one client speaks. */
export interface Wire {
  /** Sends a frame; answers the frame with this number, or an empty one where `number` is undefined. */
  exchange(frame: string, number: number | undefined): Promise<Buffer>;
  close(): void;
}

/** The JSON text in an event stream's first event that carries a frame. */
export function frameOfEvents(body: Buffer): Buffer {
  const start = body.indexOf('data: {');
  if (start < 0) throw new Error(`an event stream without a frame: ${body.toString().slice(0, 300)}`);
  const end = body.indexOf('\n', start);
  return body.subarray(start + 'data: '.length, end < 0 ? body.length : end);
}
