import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planImport } from '../../src/clients/plan-import.ts';
import { readClientFile } from '../../src/clients/read-client-file.ts';

const home = '/home/me';

async function told(path: string, text: string) {
  const file = await readClientFile(join(home, path), text, home);
  const plan = planImport({ files: [file], existing: {}, folder: '/srv', environment: {}, renames: false });
  return {
    client: file.client.name,
    entries: Object.fromEntries(plan.outcomes.map(({ name, to }) => [name, to?.entry])),
    remarks: plan.outcomes.flatMap(({ remarks }) => remarks),
    variables: plan.variables.map(({ name }) => name),
  };
}

test('a policy of wassette becomes a plugin that is granted the same; what cannot be carried over is said', async () => {
  const policy = `
version: "1.0"
description: "Weather"
permissions:
  storage:
    allow:
      - { uri: "fs:///srv/data/**", access: [read] }
      - { uri: "fs://cache", access: [write] }
      - { uri: "fs:///home/*/x", access: [read] }
      - { uri: "fs:///etc", access: [read] }
    deny: [{ uri: "fs:///etc/ssl" }]
  network:
    allow: [{ host: "https://api.test/" }, { host: "b.test:8443" }, { cidr: "10.0.0.0/8" }, { host: "evil.test" }, {}]
    deny: [{ host: "evil.test" }]
  environment: { allow: [{ key: WEATHER_KEY }] }
  resources: { limits: { memory: "64Mi", cpu: "500m" } }
  runtime: { docker: {} }
`;
  const { client, entries, remarks, variables } = await told('tools/weather.policy.yaml', policy);
  expect({ client, entries }).toEqual({
    client: 'wassette',
    entries: {
      weather: {
        path: '/home/me/tools/weather.wasm',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the configuration
        settings: { WEATHER_KEY: '${WEATHER_KEY}' },
        storage: ['fs:///srv/data:ro', 'fs:///home/me/tools/cache:rw'],
        hosts: ['api.test', 'b.test'],
        limits: { memoryCeilingBytes: 64 * 1024 * 1024 },
      },
    },
  });
  expect(remarks).toEqual([
    'what may be written in "fs://cache" may be read as well here',
    expect.stringMatching(/^the storage "fs:\/\/\/home\/\*\/x" is left out/),
    'the storage "fs:///etc" is left out: a part of it is denied, and "storage" has no exceptions',
    '"https://api.test/" is granted over HTTP and HTTPS here',
    expect.stringMatching(/^"10\.0\.0\.0\/8" is left out: some of it is denied/),
    '"evil.test" is left out: it is denied as well',
    expect.stringMatching(/^a permission of "network" is left out/),
    expect.stringMatching(/^the limit "cpu" is left out/),
    '"runtime" is left out: a component runs in a worker here, without a container',
  ]);
  expect(variables).toEqual(['WEATHER_KEY']);
  const policyIn = async (path: string): Promise<unknown> =>
    (await told(path, 'version: "1.0"\npermissions: {}')).entries;
  expect(await policyIn('time/policy.yaml')).toEqual({ time: { path: '/home/me/time/time.wasm' } });
});
