import type { Peer } from '../protocol/peer.ts';
import type { Upstream, Watch } from '../upstream/upstream.ts';
import type { Served } from './served.ts';

interface Wanted {
  readonly upstream: Upstream;
  readonly watch: Promise<Watch>;
  /** Undefined until the server has answered: what it says before is heard, from wherever it comes. */
  source?: object;
}

/** Which client wants to hear about which resource of which server. */
export class Subscriptions {
  readonly #byClient = new Map<string, Map<string, Wanted>>();

  /** @throws the server's error when it refuses. */
  async add(client: string, peer: Peer, { upstream }: Served, uri: string): Promise<void> {
    const all = this.#byClient.get(client) ?? new Map<string, Wanted>();
    if (all.has(uri)) return;
    const wanted: Wanted = { upstream, watch: upstream.watch(uri, peer) };
    this.#byClient.set(client, all.set(uri, wanted));
    try {
      ({ source: wanted.source } = await wanted.watch);
    } catch (error) {
      if (all.get(uri) === wanted) all.delete(uri);
      throw error;
    }
  }

  remove(client: string, uri: string): void {
    const all = this.#byClient.get(client);
    release(all?.get(uri));
    all?.delete(uri);
  }

  /** Whether the client wants to hear what this connection says about the resource. */
  has(client: string, upstream: Upstream, uri: string, source: object): boolean {
    const wanted = this.#byClient.get(client)?.get(uri);
    return wanted?.upstream === upstream && (wanted.source ?? source) === source;
  }

  /** The client has gone. */
  forget(client: string): void {
    for (const wanted of this.#byClient.get(client)?.values() ?? []) release(wanted);
    this.#byClient.delete(client);
  }
}

function release(wanted: Wanted | undefined): void {
  void wanted?.watch.then(
    (watch) => watch.release(),
    () => {}, // a server that has refused has nothing to end
  );
}
