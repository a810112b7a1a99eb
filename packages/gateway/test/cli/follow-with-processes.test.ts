import { expect, test } from 'vitest';
import { followWithProcesses } from '../../src/cli/follow-with-processes.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { GatewayClosedError } from '../../src/errors.ts';
import { silentLogger } from '../../src/logger.ts';

test('a change to a module that cannot be served replaces no process', async () => {
  const config = parseConfig({});
  const next = parseConfig({ plugins: { none: { path: '/there/is/no.wasm' } } });
  const logging = { logger: silentLogger, addSecrets: () => {}, setLevel: () => {}, reopen: () => {} };
  const follower = followWithProcesses({
    opened: { config, files: [], read: async () => ({ config: next, secrets: [] }) } as never,
    logging,
    isWatching: false,
    roll: () => expect.unreachable(),
  });
  expect(await follower.reload()).toMatchObject({
    error: { message: expect.stringContaining('/there/is/no.wasm: there is no such file') },
  });
  await follower.close();
});

test.each([
  ['that cannot be done is logged as an error', { replaced: 0, failure: 'it ended by exit code 1' }, 1],
  ['that a stop ends is none', undefined, 0],
])('a change %s, and whoever asked for it is told', async (_, rolled, errors) => {
  const said: string[] = [];
  const error = (_facts: unknown, message?: string): void => void said.push(message ?? '');
  const config = parseConfig({});
  const follower = followWithProcesses({
    opened: { config, files: [], read: async () => ({ config, secrets: [] }) } as never,
    logging: {
      logger: { ...silentLogger, error },
      addSecrets: () => undefined,
      setLevel: () => undefined,
      reopen: () => undefined,
    },
    isWatching: false,
    roll: async () => {
      if (rolled) return rolled;
      throw new GatewayClosedError();
    },
  });
  expect(await follower.reload()).toHaveProperty('error');
  expect(said).toHaveLength(errors);
  await follower.close();
});
