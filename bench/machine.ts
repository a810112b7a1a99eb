import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

const PEERS = ['@extism/extism', '@modelcontextprotocol/server', 'async-mutex', 'undici'];

/** What the figures were measured on: without it no number can be compared with another. */
export function describeMachine(): Record<string, string> {
  const versions = Object.fromEntries(PEERS.map((name) => [name, versionOf(name)]).filter(([, version]) => version));
  return {
    cpu: `${cpus()[0]?.model.trim() ?? 'unknown'} × ${availableParallelism()}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${process.platform}-${process.arch} ${release()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    load: `${loadavg()
      .map((average) => average.toFixed(1))
      .join(' ')} (1, 5 and 15 minutes, this run included)`,
    date: new Date().toISOString(),
    ...versions,
  };
}

function versionOf(name: string): string {
  const roots = ['../bench', '../packages/gateway', '../packages/runtime'];
  for (const root of roots) {
    try {
      return JSON.parse(readFileSync(new URL(`${root}/node_modules/${name}/package.json`, import.meta.url), 'utf8'))
        .version;
    } catch {
      // not a dependency of that package
    }
  }
  return '';
}
