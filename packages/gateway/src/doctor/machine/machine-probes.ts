import { address } from './address.ts';
import { cache } from './cache.ts';
import { folders } from './folders.ts';
import { issuers } from './issuers.ts';
import { keys } from './keys.ts';
import type { MachineProbe } from './machine-probe.ts';
import { node } from './node.ts';
import { tls } from './tls.ts';

/** All that is looked at before a server is started, in the order in which it is told. */
export const MACHINE_PROBES: readonly MachineProbe[] = [node, address, tls, issuers, folders, keys, cache];
