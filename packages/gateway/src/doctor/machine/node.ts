import { accessSync, constants } from 'node:fs';
import { isProgram } from '../../config/servers-section.ts';
import { Findings } from '../finding.ts';
import type { MachineProbe } from './machine-probe.ts';

const PROXIES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];

/** Node and what it takes from the environment. */
export const node: MachineProbe = ({ config, environment }) => {
  const found = new Findings('machine', 'machine').ok(
    `Node ${process.versions.node} on ${process.platform} ${process.arch}`,
  );
  const remote = Object.values(config.mcpServers).some((entry) => !isProgram(entry) && !entry.disabled);
  const proxy = PROXIES.find((name) => (environment[name] ?? '') !== '');
  if (remote && proxy !== undefined && environment.NODE_USE_ENV_PROXY !== '1') {
    found.note({
      problem: `${proxy} is set, and Node does not use it by itself`,
      remedy: 'set NODE_USE_ENV_PROXY=1 if servers are behind that proxy',
    });
  }
  const authorities = environment.NODE_EXTRA_CA_CERTS;
  if (authorities !== undefined && authorities !== '' && !isReadable(authorities)) {
    found.warning({
      problem: `NODE_EXTRA_CA_CERTS names ${authorities}, which cannot be read`,
      remedy: 'correct the path, or unset it',
    });
  }
  return found.all;
};

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
