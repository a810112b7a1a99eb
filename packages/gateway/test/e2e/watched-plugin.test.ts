import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { invalidJsonGuest, versionGuest } from '@lockgate/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway.ts';
import type { Logger } from '../../src/logger.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { connect, textOf } from './clients.ts';

const FAULTY = invalidJsonGuest({ in: 'tools', text: 'oops' });

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockgate-watched-'));
  path = join(folder, 'p.wasm');
});

afterEach(() => rm(folder, { recursive: true }));

/** Puts a version in place as build tools do: in one step. */
async function build(bytes: Uint8Array): Promise<void> {
  await writeFile(`${path}.new`, bytes);
  await rename(`${path}.new`, path);
}

/** A gateway that serves the plugin, and the sentences it has logged. */
async function open(): Promise<{ gateway: Gateway; url: string; said: string[] }> {
  const said: string[] = [];
  const say = (_facts: object, sentence: string): void => void said.push(sentence);
  const logger: Logger = { debug: say, info: say, warn: say, error: say };
  const plugins = { p: { path, watch: true, isolation: 'inline' as const } };
  const gateway = await createGateway({ gateway: { listen: '127.0.0.1:0' }, plugins }, { logger });
  await gateway.started();
  return { gateway, url: (await gateway.listen()).url, said };
}

const echo = async (client: Awaited<ReturnType<typeof connect>>): Promise<string> =>
  textOf(await client.callTool({ name: 'p__echo', arguments: { message: 'x' } }));

test('a plugin that is rebuilt with tools that cannot be read serves on as it was, until a good build comes', async () => {
  await build(versionGuest('A'));
  const { gateway, url, said } = await open();
  await using _gateway = gateway;
  await using client = await connect(url);
  await build(FAULTY);
  await expect.poll(() => said).toContain('a new version was rejected');
  expect(await echo(client)).toBe('A:x');
  await build(versionGuest('B'));
  await expect.poll(() => echo(client)).toBe('B:x');
});

test('a plugin whose first build has tools that cannot be read says so for as long as that is so, and comes up with a good build', async () => {
  await build(FAULTY);
  const { gateway, url } = await open();
  await using _gateway = gateway;
  const [at] = gateway.status().upstreams;
  const state = () => gateway.status().upstreams[0];
  // The second attempt has another `since`, and the reason of the first.
  await expect.poll(() => state()?.since).not.toBe(at?.since);
  expect(state()?.reason).toContain('"tools" of module "p" gave a bad answer');
  await build(versionGuest('A'));
  await expect.poll(() => state()?.state).toBe('running');
  await using client = await connect(url);
  expect(await echo(client)).toBe('A:x');
});
