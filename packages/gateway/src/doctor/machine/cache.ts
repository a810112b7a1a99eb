import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeCache, openCache } from '@lockgate/cache';
import { Findings } from '../finding.ts';
import type { MachineProbe } from './machine-probe.ts';

const KEY = 'gateway.wasmCacheDir';

/** Whether this Node can keep compiled modules on disk, and what its folder holds. Of no matter without guests. */
export const cache: MachineProbe = async ({ config: { gateway, plugins, guards } }) => {
  const hasGuests =
    Object.keys(plugins).length > 0 || Object.keys(guards).length > 0 || gateway.wasmGuardsDir !== undefined;
  if (!hasGuests) return [];
  const found = new Findings('cache', KEY);
  const reason = await whyInMemory();
  if (reason !== undefined) {
    return found.warning({
      problem: `compiled modules are kept in memory only: ${reason}`,
      remedy: 'install @lockgate/cache again for this Node and system; until then each start compiles anew',
    }).all;
  }
  const directory = gateway.wasmCacheDir;
  if (directory === undefined) return found.ok('compiled modules are kept in memory').all;
  try {
    const { entries, bytes, unreadable } = describeCache(directory);
    found.ok(`${directory} holds ${entries.length} compiled modules, ${bytes} bytes`);
    const old = entries.filter(({ usable }) => !usable).length;
    if (old > 0 || unreadable > 0) {
      const problem = `${directory} holds ${old} modules of another Node or other flags, and ${unreadable} unreadable files`;
      found.note({ problem, remedy: 'nothing; "lockgate cache clear" frees their space' });
    }
    return found.all;
  } catch (error) {
    const why = (error as Error).message.replace(/^There is no cache to describe: |\.$/g, '');
    const problem = `compiled modules are kept in memory only: ${why}`;
    return found.warning(
      { problem, remedy: `choose another "wasmCacheDir", or mend that one` },
      { source: directory, key: KEY },
    ).all;
  }
};

/** Why no cache on disk works here, whatever its folder. */
async function whyInMemory(): Promise<string | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'lockgate-doctor-'));
  let reason: string | undefined;
  try {
    const onFallback = (why: string): void => {
      reason = why;
    };
    const opened = await openCache({ directory, optimizer: 'off', onFallback });
    await opened.close();
    return reason;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
