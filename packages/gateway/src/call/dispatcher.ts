import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { Catalog, Found } from '../catalog/catalog.ts';
import { page } from '../catalog/page.ts';
import { BadRequestError, UnknownNameError } from '../errors.ts';
import type { Observer } from '../observer.ts';
import { isObject, type JsonObject, type Message, textOf } from '../upstream/message.ts';
import type { Caller, Exchange, Peer } from '../upstream/peer.ts';
import type { ListName } from '../upstream/upstream.ts';
import type { CallMonitor } from './call-monitor.ts';
import { callTool } from './call-tool.ts';
import type { Drain } from './drain.ts';
import type { Endpoint } from './endpoint.ts';
import { observeRequest } from './observe-request.ts';
import { toProtocolError } from './outcome.ts';
import { isParkedState, type ParkedCalls } from './parked-calls.ts';
import type { Served } from './served.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { TaskOwners } from './task-owners.ts';

export interface DispatcherOptions {
  readonly endpoint: Endpoint;
  readonly monitor: CallMonitor;
  readonly parked: ParkedCalls;
  readonly subscriptions: Subscriptions;
  readonly tasks: TaskOwners;
  readonly drain: Drain;
  readonly telemetry: Observer;
}

type Handler = (params: JsonObject, exchange: Exchange) => Promise<JsonObject>;

/** What a request to one endpoint means, method by method. */
export class Dispatcher {
  readonly endpoint: Endpoint;
  readonly #options: DispatcherOptions;
  readonly #handlers: Readonly<Record<string, Handler>>;

  constructor(options: DispatcherOptions) {
    this.endpoint = options.endpoint;
    this.#options = options;
    this.#handlers = {
      'tools/list': (params, { peer }) => this.#list('tools', params, peer),
      'resources/list': (params, { peer }) => this.#list('resources', params, peer),
      'resources/templates/list': (params, { peer }) => this.#list('resourceTemplates', params, peer),
      'prompts/list': (params, { peer }) => this.#list('prompts', params, peer),
      'tools/call': (params, exchange) => this.#callTool(params, exchange),
      'prompts/get': (params, exchange) => this.#getPrompt(params, exchange),
      'resources/read': (params, exchange) => this.#readResource(params, exchange),
      'completion/complete': (params, exchange) => this.#complete(params, exchange),
      'resources/subscribe': (params, { peer }) => this.#subscribe(params, peer),
      'resources/unsubscribe': (params, { peer }) => this.#unsubscribe(params, peer),
      'logging/setLevel': (_params, { peer }) => this.#setLevel(peer),
      'tasks/list': (params, exchange) => this.#listTasks(params, exchange),
      'tasks/get': (params, exchange) => this.#ofTask('tasks/get', params, exchange),
      'tasks/result': (params, exchange) => this.#ofTask('tasks/result', params, exchange),
      'tasks/cancel': (params, exchange) => this.#ofTask('tasks/cancel', params, exchange),
    };
  }

  /** Whether it is more than handed on: by the gateway, or by the SDK before it comes here. */
  knows(method: string, caller: Caller): boolean {
    if (method === 'server/discover' || method === 'subscriptions/listen') return true;
    return Object.hasOwn(this.#handlers, method) && this.endpoint.serves(method, caller);
  }

  /** @throws a JSON-RPC error for the client. */
  handle(message: Message, exchange: Exchange): Promise<JsonObject> {
    const { drain, telemetry } = this.#options;
    const answer = (sent: Message, observed: Exchange) => this.#handle(sent, observed);
    return drain.run(() => observeRequest(telemetry, message, exchange, this.endpoint.server, answer));
  }

  async #handle({ method, params = {} }: Message, exchange: Exchange): Promise<JsonObject> {
    const known = this.knows(method, exchange.peer.caller);
    const handler = known ? this.#handlers[method] : undefined;
    try {
      return await (handler ? handler(params, exchange) : this.#passOn({ method, params }, exchange));
    } catch (error) {
      throw toProtocolError(error);
    }
  }

  /** A notification of the client that is not about one of its requests. */
  async notified(message: Message, peer: Peer): Promise<void> {
    const visible = this.endpoint.visibleTo(peer.caller);
    await Promise.allSettled(visible.map(({ upstream }) => upstream.forward(message, peer)));
  }

  async #list(list: ListName, { cursor }: JsonObject, peer: Peer): Promise<JsonObject> {
    const catalog = await this.endpoint.catalog(peer);
    return { ...(await this.endpoint.beside(list, peer)), ...page(list, catalog[list], cursor) };
  }

  async #callTool(params: JsonObject, exchange: Exchange): Promise<JsonObject> {
    const name = textOf(params.name);
    const found = (await this.endpoint.catalog(exchange.peer)).tool(name);
    if (!found) throw new UnknownNameError({ kind: 'tool', asked: name });
    const { monitor, tasks } = this.#options;
    const result = await this.#answered('tools/call', name, found.source, exchange, (leg) =>
      callTool(found, params, leg, monitor),
    );
    tasks.note(result, found.source, exchange.peer.key);
    return result;
  }

  async #getPrompt(params: JsonObject, exchange: Exchange): Promise<JsonObject> {
    const name = textOf(params.name);
    const found = (await this.endpoint.catalog(exchange.peer)).prompt(name);
    if (!found) throw new UnknownNameError({ kind: 'prompt', asked: name });
    const message = { method: 'prompts/get', params: { ...params, name: found.ownName } };
    return this.#answered('prompts/get', name, found.source, exchange, (leg) =>
      this.#guarded(found.source, message, { name: found.ownName, arguments: params.arguments }, leg),
    );
  }

  async #readResource(params: JsonObject, exchange: Exchange): Promise<JsonObject> {
    const uri = textOf(params.uri);
    const catalog = await this.endpoint.catalog(exchange.peer);
    const message = { method: 'resources/read', params };
    const read = (source: Served): Promise<JsonObject> =>
      this.#answered('resources/read', uri, source, exchange, (leg) => this.#guarded(source, message, { uri }, leg));
    const owner = catalog.ownerOf(uri);
    return owner ? read(owner) : this.#firstThatKnows(exchange.peer, uri, read);
  }

  /** A server may have resources that it does not list, such as those its tools link to; each is asked in turn. */
  async #firstThatKnows(peer: Peer, uri: string, read: (source: Served) => Promise<JsonObject>): Promise<JsonObject> {
    let refusal: unknown;
    for (const source of this.endpoint.visibleTo(peer.caller)) {
      const { capabilities } = await source.upstream.offer(peer);
      if (capabilities.resources === undefined) continue;
      try {
        return await read(source);
      } catch (error) {
        refusal ??= error;
      }
    }
    throw refusal ?? new ProtocolError(ProtocolErrorCode.InvalidParams, `Resource not found: ${uri}`, { uri });
  }

  async #complete(params: JsonObject, exchange: Exchange): Promise<JsonObject> {
    const catalog = await this.endpoint.catalog(exchange.peer);
    const ref = isObject(params.ref) ? params.ref : {};
    const { source, ownRef } = this.#referee(catalog, ref);
    const message = { method: 'completion/complete', params: { ...params, ref: ownRef } };
    return this.#guarded(source, message, { ref: ownRef, argument: params.argument }, exchange);
  }

  #referee(catalog: Catalog<Served>, ref: JsonObject): { source: Served; ownRef: JsonObject } {
    if (ref.type === 'ref/resource') {
      const source = catalog.ownerOfTemplate(textOf(ref.uri));
      if (!source) throw new UnknownNameError({ kind: 'resource', asked: textOf(ref.uri) });
      return { source, ownRef: ref };
    }
    const found: Found<Served> | undefined = catalog.prompt(textOf(ref.name));
    if (!found) throw new UnknownNameError({ kind: 'prompt', asked: textOf(ref.name) });
    return { source: found.source, ownRef: { ...ref, name: found.ownName } };
  }

  async #subscribe({ uri }: JsonObject, peer: Peer): Promise<JsonObject> {
    const owner = (await this.endpoint.catalog(peer)).ownerOf(textOf(uri)) ?? this.#onlyServer(peer);
    if (!owner) throw new UnknownNameError({ kind: 'resource', asked: textOf(uri) });
    await this.#options.subscriptions.add(peer.key, owner, textOf(uri));
    return {};
  }

  async #unsubscribe({ uri }: JsonObject, peer: Peer): Promise<JsonObject> {
    this.#options.subscriptions.remove(peer.key, textOf(uri));
    return {};
  }

  async #setLevel(peer: Peer): Promise<JsonObject> {
    await Promise.allSettled(
      this.endpoint.visibleTo(peer.caller).map(({ upstream }) => upstream.logLevelChanged(peer)),
    );
    return {};
  }

  /** Methods the gateway knows nothing about go to the server, where there is only one it can be meant for. */
  async #passOn(message: Message, exchange: Exchange): Promise<JsonObject> {
    const only = this.#onlyServer(exchange.peer);
    if (!only) throw new ProtocolError(ProtocolErrorCode.MethodNotFound, 'Method not found');
    return this.#guarded(only, message, message.params ?? {}, exchange, false);
  }

  /** A server lists the tasks of a connection; a client gets those of them that are its own. */
  async #listTasks(params: JsonObject, exchange: Exchange): Promise<JsonObject> {
    const result = await this.#passOn({ method: 'tasks/list', params }, exchange);
    const listed = Array.isArray(result.tasks) ? result.tasks.filter(isObject) : [];
    const isOwn = ({ taskId }: JsonObject): boolean =>
      this.#options.tasks.serverOf(taskId, exchange.peer.key) !== undefined;
    return { ...result, tasks: listed.filter(isOwn) };
  }

  async #ofTask(method: string, params: JsonObject, exchange: Exchange): Promise<JsonObject> {
    const server = this.#options.tasks.serverOf(params.taskId, exchange.peer.key);
    if (!server) throw new BadRequestError('This session has no such task.');
    return this.#guarded(server, { method, params }, params, exchange, method !== 'tasks/cancel');
  }

  #onlyServer(peer: Peer): Served | undefined {
    const servers = this.endpoint.visibleTo(peer.caller).filter(({ upstream }) => upstream.kind === 'mcp');
    return servers.length === 1 ? servers[0] : undefined;
  }

  #guarded(
    source: Served,
    message: Message,
    args: JsonObject,
    exchange: Exchange,
    repeatable = true,
  ): Promise<JsonObject> {
    const { peer, signal } = exchange;
    const agent = { principal: peer.caller.name, session: peer.key };
    const call = { server: source.name, agent, tool: message.method, args, signal };
    return this.#options.monitor.guarded(call, () => source.forwarder.forward(message, exchange, repeatable));
  }

  /** Lets a call stand still while its client answers questions, where client and server are of different eras. */
  #answered(
    method: string,
    target: string,
    source: Served,
    exchange: Exchange,
    work: (exchange: Exchange) => Promise<JsonObject>,
  ): Promise<JsonObject> {
    exchange.routedTo?.(source.name);
    const fingerprint = `${method} ${target}`;
    if (isParkedState(exchange.requestState)) return this.#options.parked.resume(exchange, fingerprint);
    const parks = exchange.peer.era === 'modern' && source.upstream.asksWhileRunning(exchange.peer);
    return parks ? this.#options.parked.start(exchange, fingerprint, work) : work(exchange);
  }
}
