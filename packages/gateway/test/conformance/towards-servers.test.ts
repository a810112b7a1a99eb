import { expect, test } from 'vitest';
import { failedClientChecks } from './suite.ts';

/** What the suite asks of clients, but for authorization, which is not what the gateway does for servers. */
const SCENARIOS = [
  ['2025-11-25', 'initialize'],
  ['2025-11-25', 'tools_call'],
  ['2025-11-25', 'elicitation-sep1034-client-defaults'],
  ['2025-11-25', 'sse-retry'],
  ['2026-07-28', 'tools_call'],
  ['2026-07-28', 'request-metadata'],
  ['2026-07-28', 'sep-2322-client-request-state'],
  ['2026-07-28', 'http-standard-headers'],
  ['2026-07-28', 'http-custom-headers'],
  ['2026-07-28', 'http-invalid-tool-headers'],
  ['2026-07-28', 'json-schema-ref-no-deref'],
] as const;

test.each(SCENARIOS)(
  'towards servers the gateway is a client that passes what %s asks in %s',
  async (revision, scenario) => {
    const { passed, failed } = await failedClientChecks(revision, scenario);
    expect(failed).toEqual([]);
    expect(passed).toBeGreaterThan(0);
  },
);

test.each(['initialize', 'tools_call', 'elicitation-sep1034-client-defaults', 'sse-retry'])(
  'in %s it is one for a client of the 2025 era, too',
  async (scenario) => {
    const { passed, failed } = await failedClientChecks('2025-11-25', scenario, '--legacy');
    expect(failed).toEqual([]);
    expect(passed).toBeGreaterThan(0);
  },
);
