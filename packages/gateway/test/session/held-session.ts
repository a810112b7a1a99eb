import type { Endpoint } from '../../src/call/endpoint.ts';
import { silentLogger } from '../../src/logger.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { Replicas } from '../../src/replicas/replicas.ts';
import type { HttpSession } from '../../src/session/http-session.ts';
import { HttpSessions } from '../../src/session/http-sessions.ts';
import { Sessions } from '../../src/session/sessions.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import type { EventStream } from '../../src/transport/event-stream.ts';
import { HeldPipeline } from './held-pipeline.ts';

export const endpoint = { key: undefined, visibleTo: () => [], infoFor: () => undefined } as unknown as Endpoint;
const hello = { version: '2025-11-25', capabilities: ObjectText.from({ roots: {} }), clientInfo: ObjectText.EMPTY };

/** A session over HTTP whose requests wait until the test answers them. */
export async function begunHeld(version = hello.version) {
  const pipeline = new HeldPipeline();
  const store = createMemoryStore({ now: () => 0 });
  const sessions = new HttpSessions({
    sessions: new Sessions({ maxSessions: 1, idleMs: 1_000, now: () => 0, onEnd: () => undefined }),
    store,
    pipeline: pipeline.pipeline,
    replicas: new Replicas({ store, logger: silentLogger }),
    now: () => 0,
    logger: silentLogger,
    renewLabels: async () => undefined,
  });
  const session = (await sessions.begin({ ...hello, version }, { name: 'me' }, endpoint)) as HttpSession;
  return { session, sessions, pipeline };
}

/** A connection that keeps what is sent on it. */
export function connection() {
  const sent: string[] = [];
  const text = (part: string): void => void sent.push(part);
  const event = (frame: readonly Buffer[]): void => void sent.push(Buffer.concat(frame).toString());
  return { sent, target: { text, event, end: () => {}, leavesOut: () => false } as unknown as EventStream };
}
