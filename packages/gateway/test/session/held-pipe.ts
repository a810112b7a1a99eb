import { PassThrough, type Writable } from 'node:stream';
import { openPipeClient } from '../../src/session/pipe-client.ts';
import { Sessions } from '../../src/session/sessions.ts';
import { endpointOf } from '../call/fake-endpoint.ts';
import { HeldPipeline } from './held-pipeline.ts';

/** A client over a pipe, whose requests wait until the test answers them. */
export function openHeldPipe(output: Writable = new PassThrough()) {
  const held = new HeldPipeline();
  const input = new PassThrough();
  const client = openPipeClient({
    id: 'stdio:1',
    caller: { name: 'me' },
    endpoint: endpointOf([]),
    pipeline: held.pipeline,
    sessions: new Sessions({ maxSessions: 1, idleMs: 60_000, now: () => 0, onEnd: () => {} }),
    isOpen: () => true,
    input,
    output,
  });
  return { held, input, output, client };
}
