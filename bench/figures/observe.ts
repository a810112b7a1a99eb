import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuditLog } from '../../packages/gateway/src/observe/audit.ts';
import { openMetrics } from '../../packages/gateway/src/observe/metrics.ts';
import { Telemetry } from '../../packages/gateway/src/observe/telemetry.ts';
import type { Figure, Pair } from '../figure.ts';

const CALL = {
  principal: 'ci',
  session: '3f0e6a52-7a3e-4a0e-8d5c-0a4d6a8f9b1c',
  method: 'tools/call',
  target: 'files__read_file',
  requestBytes: 120,
};
const ENDED = { verdict: 'ok', responseBytes: 1_050 } as const;

/** Calls that end in one turn of the event loop, and how often. */
const LOADS = [
  { together: 1, turns: 20_000 },
  { together: 16, turns: 4_000 },
] as const;

/** What observing a call costs in all, metrics included, against nothing but writing its audit line as it comes. */
function observing({ together, turns }: (typeof LOADS)[number]): Figure {
  return {
    name: `observe: begin to end with audit and metrics against a line to a stream, ${together} a turn`,
    unit: 'µs/call',
    aim: { ratio: 0.75, better: 'lower' },
    setup: async ({ quick }): Promise<Pair> => {
      const logDir = mkdtempSync(join(tmpdir(), 'lockgate-bench-'));
      const stream = createWriteStream(join(logDir, 'stream.jsonl'));
      const audit = openAuditLog({
        logDir,
        onFailure: (error) => {
          throw error;
        },
      });
      const metrics = openMetrics({ snapshot: () => ({ sessions: 0, upstreams: [] }), auditLost: () => audit.lost });
      const telemetry = new Telemetry({ audit, metrics, now: () => performance.now() });
      const time = (once: () => void) => async () => {
        const many = quick ? turns / 10 : turns;
        const started = performance.now();
        for (let turn = 0; turn < many; turn++) {
          for (let call = 0; call < together; call++) once();
          await new Promise((resolve) => setImmediate(resolve));
        }
        return ((performance.now() - started) * 1_000) / (many * together);
      };
      return {
        baseline: time(() => {
          const line = { time: new Date().toISOString(), event: 'call', ...CALL, server: 'files', ...ENDED };
          stream.write(`${JSON.stringify({ ...line, durationMs: 1.234 })}\n`);
        }),
        subject: time(() => {
          const request = telemetry.begin(CALL);
          request.routedTo('files');
          request.end(ENDED);
        }),
        note: 'no gateway around it; both include the turn of the event loop, shared by its calls',
        [Symbol.asyncDispose]: async () => {
          await telemetry.close();
          stream.end();
          rmSync(logDir, { recursive: true, force: true });
        },
      };
    },
  };
}

export default LOADS.map(observing);
