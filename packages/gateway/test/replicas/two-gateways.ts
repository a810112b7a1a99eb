import { Writable } from 'node:stream';
import { Gate } from '@lockgate/testkit';
import { vi } from 'vitest';
import { silentLogger } from '../../src/logger.ts';
import { type PassedHere, RequestsPassedHere } from '../../src/replicas/passed-here.ts';
import type { PassedOn } from '../../src/replicas/passed-on.ts';
import { Passing } from '../../src/replicas/passing.ts';
import type { ReplicaMessage } from '../../src/replicas/replica-message.ts';
import { Replicas } from '../../src/replicas/replicas.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import type { ChannelListener, StateStore } from '../../src/state/state-store.ts';
import { wrapped } from '../state/wrapped-store.ts';

const BEAT_MS = 2_000;

/** What a client is sent, which it takes when the gate is open. */
class ClientResponse extends Writable {
  readonly taken: Buffer[] = [];
  readonly gate: Gate;
  status: number | undefined;
  headersSent = false;

  constructor(gate: Gate) {
    super();
    this.gate = gate;
  }
  writeHead(status: number): void {
    this.status = status;
    this.headersSent = true;
  }
  flushHeaders(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.taken.push(chunk);
    void this.gate.pass().then(() => done());
  }
}

export const open = (): Gate => {
  const gate = new Gate();
  gate.open();
  return gate;
};

/** Two gateways that share a store, which loses what the test says. */
export async function two(
  serve: (passed: PassedHere) => void,
  isLost: (message: ReplicaMessage) => boolean | Promise<boolean> = () => false,
  before: Parameters<typeof wrapped>[1] = async () => undefined,
  isDeaf: (message: ReplicaMessage) => boolean = () => false,
  afterPublished: (message: ReplicaMessage) => void = () => undefined,
) {
  const memory = createMemoryStore({ now: () => performance.now() });
  const listeners: ChannelListener[] = [];
  /** Since when the gateway that passes hears nothing, and knows it. */
  const deaf: { since: number | undefined } = { since: undefined };
  const shared: StateStore = {
    ...wrapped(memory, before),
    isShared: true,
    get deafSince() {
      return deaf.since;
    },
    subscribe: (channel, listener) => {
      listeners.push(listener);
      return memory.subscribe(channel, listener);
    },
    publish: async (channel, given) => {
      const message = given as ReplicaMessage;
      const isHeard = (await isLost(message)) || (!isDeaf(message) && (await memory.publish(channel, message)));
      afterPublished(message);
      return isHeard;
    },
  };
  const [one, other] = [
    new Replicas({ store: shared, logger: silentLogger }),
    new Replicas({ store: { ...shared, deafSince: undefined }, logger: silentLogger }),
  ];
  const passing = new Passing(one, silentLogger);
  const here = new RequestsPassedHere(other, serve);
  await Promise.all([one.join(), other.join()]);
  const pass = (body: Buffer, gate: Gate = open(), method = 'POST', isRepeatable?: () => Promise<boolean>) => {
    const response = new ClientResponse(gate);
    const problems: string[] = [];
    const passed: PassedOn = {
      to: other.name ?? '',
      head: { method, caller: { name: 'c' }, accepted: { json: true, stream: true }, headers: {} },
      body,
      response: response as unknown as PassedOn['response'],
      headers: {},
      ...(isRepeatable && { isRepeatable }),
      fail: (problem) => {
        problems.push(problem);
        response.destroy();
      },
    };
    return { response, problems, outcome: passing.pass(passed) };
  };
  const renew = (): void => {
    for (const listener of listeners) listener.gap?.();
  };
  /** The gateway that requests are passed to hears again, and the other has heard all the time. */
  const otherRenews = (): void =>
    listeners
      .filter(({ gap }) => gap)
      .at(-1)
      ?.gap?.();
  const oneRenews = (): void => listeners.find(({ gap }) => gap)?.gap?.();
  return {
    pass,
    deaf,
    here,
    one,
    other,
    memory,
    renew,
    oneRenews,
    otherRenews,
    beat: () => vi.advanceTimersByTimeAsync(BEAT_MS),
  };
}

export const echo = async ({ request, response }: PassedHere): Promise<void> => {
  const body = Buffer.concat(await request.toArray());
  response.writeHead(200);
  response.end(body);
};
