import { ceilingReached } from '../ceilings.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import type { Peer } from '../protocol/peer.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { JointWork } from '../upstream/joint-work.ts';
import type { Upstream, Watch } from '../upstream/upstream.ts';
import type { Served } from './served.ts';
import type { StrayFrames } from './stray-frames.ts';

/** Resources that one client may subscribe to, and the longest address of one, in characters: both are kept as long as it stays. */
const MAX_SUBSCRIPTIONS = 1_000;
const MAX_URI_LENGTH = 16_384;

interface Wanted {
  readonly upstream: Upstream;
  readonly watch: JointWork<Watch>;
  /** Undefined until the server has answered: what it says before is heard, from wherever it comes. */
  source?: object;
}

/** Which client wants to hear about which resource of which server. */
export class Subscriptions {
  readonly #byClient = new Map<string, Map<string, Wanted>>();
  readonly #frames: StrayFrames;

  constructor(frames: StrayFrames) {
    this.#frames = frames;
  }

  /**
   * Subscribes a client. Who asks again while the server has not answered waits for the same answer. It is noted before it is answered: this process may be killed at any moment.
   *
   * @throws RpcError -32602 for an address that is too long, or one too many; the server's error when it refuses; GATEWAY_DEADLINE when it does not answer; GATEWAY_STATE where it cannot be noted; what the reference monitor denies it with; the reason of
   * the cancellation.
   */
  async add(client: string, peer: Peer, { upstream }: Served, uri: string, cancellation: Cancellation): Promise<void> {
    if (this.#frames.isActive) await this.#frames.address(upstream.name, peer, uri, 'read-write', cancellation);
    cancellation.throwIfCancelled();
    const all = this.#byClient.get(client) ?? new Map<string, Wanted>();
    const isNew = !all.has(uri);
    if (isNew) mustHaveRoom(all.size, uri);
    const wanted: Wanted = all.get(uri) ?? {
      upstream,
      watch: new JointWork((unwanted) => upstream.watch(uri, peer, unwanted)),
    };
    this.#byClient.set(client, all.set(uri, wanted));
    try {
      ({ source: wanted.source } = await wanted.watch.wait(cancellation));
    } catch (error) {
      if (all.get(uri) === wanted && !wanted.watch.isWanted) {
        all.delete(uri);
        release(wanted);
      }
      throw error;
    }
    try {
      await peer.noteSubscription?.(uri, true);
    } catch (error) {
      if (isNew && all.get(uri) === wanted) {
        all.delete(uri);
        release(wanted);
      }
      throw error;
    }
  }

  /** @throws what the reference monitor denies it with: the server is told the address once more; GATEWAY_STATE where it cannot be noted. */
  async remove(client: string, peer: Peer, uri: string, cancellation: Cancellation): Promise<void> {
    const all = this.#byClient.get(client);
    const wanted = all?.get(uri);
    if (!wanted) return;
    if (this.#frames.isActive) await this.#frames.address(wanted.upstream.name, peer, uri, 'write', cancellation);
    await peer.noteSubscription?.(uri, false);
    if (all?.get(uri) !== wanted) return;
    all.delete(uri);
    release(wanted);
  }

  /** Whether the client wants to hear what this connection says about the resource, or any where none is named. */
  has(client: string, upstream: Upstream, uri: string, source?: object): boolean {
    const wanted = this.#byClient.get(client)?.get(uri);
    return wanted?.upstream === upstream && (source === undefined || (wanted.source ?? source) === source);
  }

  /** Whether the client wants to hear from this server, on a connection of its own, about the resource or what it is a part of. */
  wants(client: string, upstream: Upstream, uri: string): boolean {
    for (const [wanted, { upstream: its }] of this.#byClient.get(client) ?? []) {
      const isPart = uri.startsWith(wanted.endsWith('/') ? wanted : `${wanted}/`);
      if (its === upstream && (uri === wanted || isPart)) return true;
    }
    return false;
  }

  /** The client has gone. */
  forget(client: string): void {
    for (const wanted of this.#byClient.get(client)?.values() ?? []) release(wanted);
    this.#byClient.delete(client);
  }
}

function mustHaveRoom(size: number, uri: string): void {
  const isLong = uri.length > MAX_URI_LENGTH;
  if (!isLong && size < MAX_SUBSCRIPTIONS) return;
  ceilingReached('subscriptions');
  const problem = isLong
    ? `'uri' has ${uri.length} characters, and one that is subscribed to may have ${MAX_URI_LENGTH}`
    : `a client may subscribe to ${MAX_SUBSCRIPTIONS} resources; unsubscribe from others first`;
  throw RpcError.of(RpcCode.invalidParams, `Invalid params: ${problem}`);
}

function release(wanted: Wanted | undefined): void {
  void wanted?.watch.outcome.then(
    (watch) => watch.release(),
    () => {}, // a server that has refused has nothing to end
  );
}
