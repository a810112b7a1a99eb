import { ceilingReached } from '../ceilings.ts';
import { Cancellation } from '../protocol/cancellation.ts';
import type { Peer } from '../protocol/peer.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { JointWork } from '../upstream/joint-work.ts';
import type { Upstream, Watch } from '../upstream/upstream.ts';
import type { Endpoint } from './endpoint.ts';
import type { Served } from './served.ts';
import type { StrayFrames } from './stray-frames.ts';

/** Resources that one client may subscribe to, and the longest address of one, in characters: both are kept as long as it stays. */
const MAX_SUBSCRIPTIONS = 1_000;
const MAX_URI_LENGTH = 16_384;

/** Who subscribes. */
export interface Subscriber {
  /** Its name among the subscriptions. */
  readonly client: string;
  readonly peer: Peer;
  /** Whose catalog says where it reads a resource. */
  readonly endpoint: Pick<Endpoint, 'catalog'>;
}

interface Wanted {
  readonly by: Subscriber;
  upstream: Upstream;
  watch: JointWork<Watch>;
  /** Undefined until the server has answered: what it says before is heard, from wherever it comes. */
  source?: object | undefined;
  /** The server that it is on its way to; both are heard until it is there. */
  following?: { readonly upstream: Upstream; readonly cancellation: Cancellation } | undefined;
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
  async add(by: Subscriber, { upstream }: Served, uri: string, cancellation: Cancellation): Promise<void> {
    const { client, peer } = by;
    if (this.#frames.isActive) await this.#frames.address(upstream.name, peer, uri, 'read-write', cancellation);
    cancellation.throwIfCancelled();
    const all = this.#byClient.get(client) ?? new Map<string, Wanted>();
    const isNew = !all.has(uri);
    if (isNew) mustHaveRoom(all.size, uri);
    const wanted: Wanted = all.get(uri) ?? {
      by,
      upstream,
      watch: new JointWork((unwanted) => upstream.watch(uri, peer, unwanted)),
    };
    this.#byClient.set(client, all.set(uri, wanted));
    try {
      const { watch } = wanted;
      const { source } = await watch.wait(cancellation);
      if (wanted.watch === watch) wanted.source = source;
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

  /**
   * A server has come, or lists other resources than before: subscriptions to what is read there from now on go there, and leave the server that they had. Where the
   * new one refuses, or a guard denies it, they stay.
   */
  async follow(upstream: Upstream): Promise<void> {
    for (const all of [...this.#byClient.values()])
      for (const [uri, wanted] of [...all]) if (wanted.upstream !== upstream) await this.#follow(uri, wanted, upstream);
  }

  async #follow(uri: string, wanted: Wanted, upstream: Upstream): Promise<void> {
    const { client, peer, endpoint } = wanted.by;
    const isWanted = (): boolean => this.#byClient.get(client)?.get(uri) === wanted;
    const cancellation = new Cancellation();
    const following = { upstream, cancellation };
    try {
      await wanted.watch.outcome;
      const owner = (await endpoint.catalog(peer)).ownerOf(uri);
      if (owner?.upstream !== upstream || wanted.following || !isWanted()) return;
      wanted.following = following;
      if (this.#frames.isActive) await this.#frames.address(upstream.name, peer, uri, 'read-write', cancellation);
      const watch = new JointWork((unwanted) => upstream.watch(uri, peer, unwanted));
      const { source } = await watch.wait(cancellation);
      if (isWanted()) {
        release({ watch: wanted.watch });
        Object.assign(wanted, { upstream, watch, source });
      } else release({ watch });
    } catch {
      // It has what it had.
    } finally {
      if (wanted.following === following) wanted.following = undefined;
    }
  }

  /** Whether the client wants to hear what this connection says about the resource, or any where none is named. */
  has(client: string, upstream: Upstream, uri: string, source?: object): boolean {
    const wanted = this.#byClient.get(client)?.get(uri);
    if (wanted?.following?.upstream === upstream) return true;
    return wanted?.upstream === upstream && (source === undefined || (wanted.source ?? source) === source);
  }

  /** Whether the client wants to hear from this server, on a connection of its own, about the resource or what it is a part of. */
  wants(client: string, upstream: Upstream, uri: string): boolean {
    for (const [wanted, { upstream: its, following }] of this.#byClient.get(client) ?? []) {
      const isPart = uri.startsWith(wanted.endsWith('/') ? wanted : `${wanted}/`);
      if ((its === upstream || following?.upstream === upstream) && (uri === wanted || isPart)) return true;
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

function release({ watch, following }: Pick<Wanted, 'watch' | 'following'>): void {
  following?.cancellation.cancel(new Error('the client has left the resource'));
  void watch.outcome.then(
    (watch) => watch.release(),
    () => {}, // a server that has refused has nothing to end
  );
}
