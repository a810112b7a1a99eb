import { hostname } from 'node:os';
import { differingSections, type SectionDigests } from '../config/section-digests.ts';
import type { Logger } from '../logger.ts';
import type { Replicas } from './replicas.ts';

/** One gateway that shares the state store and is configured in another way. */
export interface OtherConfiguration {
  /** Its machine and process. */
  readonly gateway: string;
  /** The sections that differ, by their places. */
  readonly sections: readonly string[];
}

export interface OtherConfigurationsOptions {
  readonly replicas: Pick<Replicas, 'name' | 'on' | 'onBeat' | 'tell' | 'tellAll' | 'isAlive'>;
  /** Of this gateway's configuration of now. */
  readonly digests: () => SectionDigests;
  readonly logger: Logger;
  /** Milliseconds that only go up. */
  readonly now: () => number;
}

interface Told {
  readonly gateway: string;
  readonly digests: SectionDigests;
  /** Since when it has differed without a break; undefined while it does not. */
  since: number | undefined;
}

/** What differs for less is a change that comes to one gateway after the other, in milliseconds. */
const SETTLED_MS = 60_000;
/** Beats between two times that all are told anew: messages may be lost, and configurations change. */
const TOLD_EVERY = 15;

/**
 * Finds gateways that share the state store with another configuration: each tells the others digests of its sections, and nothing of what is in them. It is said once
 * for the same sections.
 */
export class OtherConfigurations {
  readonly #options: OtherConfigurationsOptions;
  readonly #others = new Map<string, Told>();
  readonly #said = new Set<string>();
  #beats = 0;

  constructor(options: OtherConfigurationsOptions) {
    this.#options = options;
    const { replicas } = options;
    replicas.on('configuration', ({ from, gateway, digests, asks }) => {
      if (from === replicas.name) return;
      this.#others.set(from, { gateway, digests, since: this.#others.get(from)?.since });
      if (asks) void replicas.tell(from, this.#message(false)).catch(() => undefined); // it is told again by and by
    });
    replicas.onBeat(() => void this.#beat());
  }

  /** Those that have differed for a minute, as far as is known. */
  get list(): readonly OtherConfiguration[] {
    return [...this.#others.values()].flatMap((told) => (this.#hasSettled(told) ? [this.#toOther(told)] : []));
  }

  async #beat(): Promise<void> {
    const { replicas, now } = this.#options;
    // With the first, those that are there answer one that has come.
    const isTurn = this.#beats++ % TOLD_EVERY === 0;
    if (isTurn) replicas.tellAll(this.#message(this.#beats === 1));
    for (const [name, told] of [...this.#others]) {
      if (this.#toOther(told).sections.length === 0) told.since = undefined;
      else told.since ??= now();
      // Those that are alike are asked about now and then: they come and go as well.
      if (told.since === undefined && !isTurn) continue;
      const isAlive = await replicas.isAlive(name).catch(() => true);
      if (!isAlive) this.#others.delete(name);
      else if (this.#hasSettled(told)) this.#say(this.#toOther(told));
    }
  }

  #say({ gateway, sections }: OtherConfiguration): void {
    const key = sections.join();
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.#options.logger.warn(
      { gateway, sections },
      'another gateway with the same Redis and prefix has another configuration: clients find this or that, by where their requests come to; give both the same, or another prefix',
    );
  }

  #hasSettled({ since }: Told): boolean {
    return since !== undefined && this.#options.now() - since >= SETTLED_MS;
  }

  #toOther({ gateway, digests }: Told): OtherConfiguration {
    return { gateway, sections: differingSections(this.#options.digests(), digests) };
  }

  #message(asks: boolean) {
    const { replicas, digests } = this.#options;
    const gateway = `${hostname()}, process ${process.pid}`;
    return { kind: 'configuration', from: replicas.name ?? '', gateway, digests: digests(), asks } as const;
  }
}
