import { expect, test } from 'vitest';
import { followWithProcesses } from '../../src/cli/follow-with-processes.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { GatewayClosedError } from '../../src/errors.ts';
import { silentLogger } from '../../src/logger.ts';

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
