import { describe, expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { runAll, sideBySide } from './suite.ts';

/**
 * The address of the conformance project's own everything-server, which is in no package: it runs from a checkout, with
 * `npm start` in `examples/servers/typescript`.
 */
const { LOCKGATE_EVERYTHING_SERVER: url } = process.env;

if (url === undefined)
  console.log('skipped: LOCKGATE_EVERYTHING_SERVER names no everything-server of the conformance project');

describe.skipIf(url === undefined)('the everything-server of the conformance project', () => {
  test.each(['2025-06-18', '2025-11-25', '2026-07-28'])(
    'passes through the gateway whatever of %s it passes without it',
    { timeout: 300_000 },
    async (revision) => {
      const gateway = await createGateway({
        gateway: { listen: '127.0.0.1:0', prefix: 'auto' },
        mcpServers: { everything: { url: url ?? '' } } as never,
      });
      await gateway.started();
      const unified = (await gateway.listen()).url;
      const direct = await runAll(url ?? '', revision);
      const columns = {
        direct,
        unified: await runAll(unified, revision),
        routed: await runAll(`${unified}/everything`, revision),
      };
      await gateway.close();
      console.log(sideBySide(revision, columns));
      const passed = [...direct].flatMap(([scenario, isPassed]) => (isPassed ? [scenario] : []));
      expect(passed.length).toBeGreaterThan(20);
      for (const outcome of [columns.unified, columns.routed]) {
        expect(passed.filter((scenario) => outcome.get(scenario) !== true)).toEqual([]);
      }
    },
  );
});
