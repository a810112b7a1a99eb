import type { Permission } from '../access/permission.ts';
import type { ServerAnswers } from '../answers/server-answers.ts';
import type { Discovery } from '../config/discovery.ts';
import { isServed } from '../config/tool-pattern.ts';
import { silentPeer } from '../protocol/silent-peer.ts';
import type { Upstream, UpstreamStatus } from '../upstream/upstream.ts';
import type { Drain } from './drain.ts';
import type { Forwarder } from './forward.ts';

/** One server or plugin of the gateway, with what the configuration says about it. */
export interface Served {
  readonly name: string;
  readonly upstream: Upstream;
  readonly forwarder: Forwarder;
  /** Counts its calls. */
  readonly drain: Drain;
  /** Stands before its names in the unified catalogue. */
  readonly prefix: string;
  readonly tools: readonly string[] | undefined;
  /** How clients find its tools at its own endpoint, where its entry says so. */
  readonly discovery: Discovery | undefined;
  /** How its answers are made smaller; absent where nothing says so. */
  readonly answers: ServerAnswers | undefined;
}

/** How it is, with as many tools as clients see. */
export function servedStatus({ upstream, tools }: Served): UpstreamStatus {
  const status = upstream.status();
  const offer = tools && upstream.offer(silentPeer('', { name: 'status' }), false);
  if (offer === undefined || offer instanceof Promise) return status;
  return { ...status, tools: offer.tools.filter((tool) => isServed(tool.text('name') ?? '', tools)).length };
}

/** All servers and plugins, in the order of the configuration. */
export class ServedList {
  #entries: readonly Served[] = [];
  #opened = new WeakMap<Permission, readonly Served[]>();

  get all(): readonly Served[] {
    return this.#entries;
  }

  replace(entries: readonly Served[]): void {
    this.#entries = entries;
    this.#opened = new WeakMap();
  }

  get(name: string): Served | undefined {
    return this.#entries.find((entry) => entry.name === name);
  }

  of(upstream: Upstream): Served | undefined {
    return this.#entries.find((entry) => entry.upstream === upstream);
  }

  /** Those of which a permission opens anything. */
  openedBy(permission: Permission): readonly Served[] {
    let opened = this.#opened.get(permission);
    if (!opened) {
      opened = this.#entries.filter(({ name }) => permission.opens(name));
      this.#opened.set(permission, opened);
    }
    return opened;
  }
}
