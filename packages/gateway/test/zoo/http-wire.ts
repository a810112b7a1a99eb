import { type Era, MODERN_VERSION } from '../../src/protocol/era.ts';
import { readEvents } from './read-events.ts';
import type { OutFrame, Wire, WireEvents } from './wire.ts';

const TYPES = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };

/** Speaks streamable HTTP of either era. A session's own stream is opened once the handshake is done. */
export async function openHttpWire(url: string, era: Era, events: WireEvents): Promise<Wire> {
  const leaving = new AbortController();
  const { signal } = leaving;
  const open = new Set<Promise<void>>();
  let session: Record<string, string> = {};

  const read = async (response: Response): Promise<void> => {
    const type = response.headers.get('content-type') ?? '';
    if (type.startsWith('text/event-stream')) {
      for await (const { data } of readEvents(response)) if (data !== '') events.frame(data);
      return;
    }
    const text = await response.text();
    if (type.startsWith('application/json')) events.frame(text);
    else if (!response.ok) events.lost(`HTTP ${response.status}: ${text.slice(0, 200)}`);
  };

  const post = async (frame: OutFrame): Promise<void> => {
    const headers = { ...TYPES, ...(era === 'modern' ? modernHeaders(frame) : session) };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(frame), signal });
    const id = response.headers.get('mcp-session-id');
    if (id !== null) session = { 'mcp-session-id': id };
    await read(response);
  };

  /** What belongs to no request comes here; servers may have no such stream. */
  const listen = async (): Promise<void> => {
    const response = await fetch(url, { headers: { ...session, accept: 'text/event-stream' }, signal });
    if (response.ok) for await (const { data } of readEvents(response)) if (data !== '') events.frame(data);
  };

  const background = (work: Promise<void>): void => {
    const done = work.catch((error: unknown) => {
      if (!signal.aborted) events.lost(String(error));
    });
    open.add(done);
    void done.finally(() => open.delete(done));
  };

  return {
    async send(frame) {
      // The stream of a call may ask something before it ends: what is answered must not wait for it.
      if (frame.id !== undefined) background(post(frame));
      else await post(frame).catch((error: unknown) => events.lost(String(error)));
      if (frame.method === 'notifications/initialized') {
        session = { ...session, 'mcp-protocol-version': '2025-11-25' };
        background(listen().catch(() => {}));
      }
    },
    [Symbol.asyncDispose]: async () => {
      if (session['mcp-session-id']) await fetch(url, { method: 'DELETE', headers: session }).catch(() => {});
      leaving.abort();
      await Promise.allSettled(open);
    },
  };
}

function modernHeaders({ method = '', params }: OutFrame): Record<string, string> {
  const name = params?.name ?? params?.uri ?? params?.taskId;
  const version = { 'mcp-protocol-version': MODERN_VERSION, 'mcp-method': method };
  return typeof name === 'string' ? { ...version, 'mcp-name': headerText(name) } : version;
}

/** Source: MCP specification 2026-07-28, "Value encoding". */
function headerText(text: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !/^=\?base64\?.*\?=$/.test(text);
  return isPlain ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`;
}
