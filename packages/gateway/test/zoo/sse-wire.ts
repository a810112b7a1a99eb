import { readEvents } from './read-events.ts';
import type { Wire, WireEvents } from './wire.ts';

/** Speaks the oldest transport over HTTP: one stream of events, and a POST for each frame. */
export async function openSseWire(url: string, events: WireEvents): Promise<Wire> {
  const leaving = new AbortController();
  const { signal } = leaving;
  const stream = await fetch(url, { headers: { accept: 'text/event-stream' }, signal });
  if (!stream.ok) throw new Error(`HTTP ${stream.status} from ${url}`);
  const address = Promise.withResolvers<string>();
  const read = async (): Promise<void> => {
    for await (const { event, data } of readEvents(stream)) {
      if (event === 'endpoint') address.resolve(new URL(data, url).href);
      else events.frame(data);
    }
    events.lost('the stream of events has ended');
  };
  const reading = read().catch((error: unknown) => {
    address.reject(error);
    if (!signal.aborted) events.lost(String(error));
  });
  const to = await address.promise;
  return {
    async send(frame) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(to, { method: 'POST', headers, body: JSON.stringify(frame), signal });
      const text = await answer.text();
      if (!answer.ok) events.lost(`HTTP ${answer.status}: ${text.slice(0, 200)}`);
    },
    [Symbol.asyncDispose]: async () => {
      leaving.abort();
      await reading;
    },
  };
}
