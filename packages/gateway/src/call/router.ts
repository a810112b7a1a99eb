import { ANSWER_KEY } from '../answers/asked-form.ts';
import { KEPT_PREFIX } from '../answers/kept-uri.ts';
import { argumentProblems, parametersLine } from '../catalog/arguments/argument-problems.ts';
import type { Catalog, Found } from '../catalog/catalog.ts';
import type { ListName } from '../catalog/offer.ts';
import { pageStart } from '../catalog/page.ts';
import { BadRequestError, ToolArgumentsError, UnknownNameError } from '../errors.ts';
import type { Exchange } from '../protocol/exchange.ts';
import { listText } from '../protocol/frame/list-text.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { discoverResult } from '../protocol/introduction.ts';
import { LOG_LEVELS } from '../protocol/log-level.ts';
import type { Message } from '../protocol/message.ts';
import { factsOf, type Method } from '../protocol/methods.ts';
import type { Peer } from '../protocol/peer.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { unlessCancelled } from '../protocol/unless-cancelled.ts';
import { askedAnswer } from './asked-answer.ts';
import type { Endpoint } from './endpoint.ts';
import { isRepeatable } from './is-repeatable.ts';
import type { KeptAnswers } from './kept-answers.ts';
import type { Listeners } from './listeners.ts';
import { notListed, toolBehindLogin } from './not-listed.ts';
import type { OwnTool } from './own-tools/own-tool.ts';
import { serversThatMayHave } from './resource-candidates.ts';
import { CallRoute, OwnToolRoute, type Route, type ToldOfOwnTool } from './route.ts';
import type { Served } from './served.ts';
import type { StrayFrames } from './stray-frames.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { TaskOwners } from './task-owners.ts';

export interface RouterOptions {
  readonly subscriptions: Subscriptions;
  readonly listeners: Listeners;
  readonly tasks: TaskOwners;
  readonly frames: StrayFrames;
  readonly kept: KeptAnswers;
  /** What clients that search are shown, in this order. */
  readonly ownTools: readonly OwnTool[];
}

/** Who answers a request, where that may still have to be found out. */
export type FirstRoute = Route | OwnToolRoute;

type Handler = (exchange: Exchange, endpoint: Endpoint) => FirstRoute | Promise<FirstRoute>;

/** Says for each request who answers it: the gateway itself, or which server, and under which name it knows what is asked for. */
export class Router {
  readonly #options: RouterOptions;
  readonly #handlers: Readonly<Partial<Record<Method, Handler>>>;
  readonly #ownTools: ReadonlyMap<string, OwnTool>;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#ownTools = new Map(options.ownTools.map((tool) => [tool.name, tool]));
    this.#handlers = {
      ping: () => own(ObjectText.EMPTY),
      'server/discover': async ({ peer }, endpoint) => own(discoverResult(await endpoint.introduction(peer))),
      'subscriptions/listen': async (exchange, endpoint) => own(await options.listeners.listen(exchange, endpoint)),
      'tools/list': (exchange, endpoint) => this.#toolList(exchange, endpoint),
      'resources/list': (exchange, endpoint) => list('resources', exchange, endpoint),
      'resources/templates/list': (exchange, endpoint) => list('resourceTemplates', exchange, endpoint),
      'prompts/list': (exchange, endpoint) => list('prompts', exchange, endpoint),
      'tools/call': (exchange, endpoint) => this.#tool(exchange, endpoint),
      'prompts/get': (exchange, endpoint) => this.#prompt(exchange, endpoint),
      'resources/read': (exchange, endpoint) => this.#resource(exchange, endpoint),
      'completion/complete': (exchange, endpoint) => this.#completion(exchange, endpoint),
      'resources/subscribe': (exchange, endpoint) => this.#subscribe(exchange, endpoint),
      'resources/unsubscribe': (exchange) => this.#unsubscribe(exchange),
      'logging/setLevel': (exchange, endpoint) => this.#setLevel(exchange, endpoint),
      'tasks/list': (exchange, endpoint) => this.#taskList(exchange, endpoint),
      'tasks/get': (exchange, endpoint) => this.#task(exchange, endpoint, true),
      'tasks/result': (exchange, endpoint) => this.#task(exchange, endpoint, true),
      'tasks/cancel': (exchange, endpoint) => this.#task(exchange, endpoint, false),
      'tasks/update': (exchange, endpoint) => this.#task(exchange, endpoint, false),
    };
  }

  /** Whether a method is more than handed on to the one server that may know it. */
  knows(method: string, peer: Peer, endpoint: Endpoint): boolean {
    const facts = factsOf(method);
    return facts?.eras.includes(peer.era) === true && this.#handlerOf(method, peer, endpoint) !== undefined;
  }

  /** @throws what is told the client instead of an answer. */
  route(exchange: Exchange, endpoint: Endpoint): FirstRoute | Promise<FirstRoute> {
    const { message, peer } = exchange;
    const facts = factsOf(message.method);
    if (facts && !facts.eras.includes(peer.era)) throw methodNotFound();
    const handler = this.#handlerOf(message.method, peer, endpoint);
    return handler ? handler(exchange, endpoint) : this.#passOn(message, peer, endpoint);
  }

  #handlerOf(method: string, peer: Peer, endpoint: Endpoint): Handler | undefined {
    if (!Object.hasOwn(this.#handlers, method)) return undefined;
    return endpoint.serves(method, peer) ? this.#handlers[method as Method] : undefined;
  }

  /** Whether a tool of this name is the gateway's own here, and not that of a server. */
  async hasOwnTool(name: string, peer: Peer, endpoint: Endpoint): Promise<boolean> {
    return this.#ownTool(name) !== undefined && endpoint.ownsTool(name, await endpoint.catalog(peer), peer.caller);
  }

  async #toolList(exchange: Exchange, endpoint: Endpoint): Promise<Route> {
    if (!(await endpoint.searches(exchange.peer))) return list('tools', exchange, endpoint);
    const offered = this.#options.ownTools.filter(({ isOffered = true }) => isOffered);
    for (const tool of offered) tool.offered?.();
    return own(ObjectText.EMPTY.with('tools', listText(offered.map(({ definition }) => definition))));
  }

  #tool(exchange: Exchange, endpoint: Endpoint): FirstRoute | Promise<FirstRoute> {
    const { message, peer } = exchange;
    const name = message.params?.text('name') ?? '';
    // What a tool of the gateway's own means depends on all that is offered.
    const catalog = this.#ownTool(name) ? endpoint.catalog(peer) : endpoint.catalogFor('tool', name, peer);
    if (catalog instanceof Promise) return catalog.then((known) => this.#toolOf(known, exchange, endpoint));
    return this.#toolOf(catalog, exchange, endpoint);
  }

  #toolOf(catalog: Catalog<Served>, exchange: Exchange, endpoint: Endpoint): FirstRoute {
    const { message, peer } = exchange;
    const name = needed(message, 'name');
    const ownTool = this.#ownTool(name);
    return ownTool && endpoint.ownsTool(name, catalog, peer.caller)
      ? this.#callOwnTool(ownTool, catalog, exchange, endpoint)
      : this.#serverTool(name, catalog, message, peer, endpoint);
  }

  #ownTool(name: string): OwnTool | undefined {
    const tool = this.#ownTools.get(name);
    return tool?.isOffered === false ? undefined : tool;
  }

  #callOwnTool(tool: OwnTool, catalog: Catalog<Served>, exchange: Exchange, endpoint: Endpoint): OwnToolRoute {
    const { peer, message } = exchange;
    return new OwnToolRoute(async (told: ToldOfOwnTool) => {
      const given = message.params?.has('arguments') ? message.params.object('arguments') : ObjectText.EMPTY;
      const problems = given ? problemsOf(tool, given) : ['"arguments" is no object'];
      if (!given || problems.length > 0) {
        throw new ToolArgumentsError({ tool: tool.name, problems, parameters: parametersLine(tool.definition) });
      }
      const route = (params: ObjectText): Route => {
        const called = { method: message.method, params };
        return this.#serverTool(needed(called, 'name'), catalog, called, peer, endpoint);
      };
      return tool.answer({ given, exchange, endpoint, catalog, route, ...told });
    });
  }

  #serverTool(name: string, catalog: Catalog<Served>, message: Message, peer: Peer, endpoint: Endpoint): CallRoute {
    const { method, params } = message;
    const found = catalog.tool(name);
    if (!found) return this.#toolBehindLogin(name, message, peer, endpoint);
    // Most answers are given as they come, which is nothing to find out.
    const isAsked = found.source.answers !== undefined || params?.object('_meta')?.has(ANSWER_KEY) === true;
    const asked = isAsked ? askedAnswer(found, params) : { params };
    return new CallRoute({
      served: found.source,
      message: { method, params: ownParams(asked.params, found) },
      tool: found.ownName,
      argumentsAt: 'arguments',
      isRepeatable: isRepeatable(found.item),
      isToolCall: true,
      fingerprint: `${method} ${name}`,
      ...(asked.form && { form: asked.form, outputSchema: found.item.object('outputSchema') }),
    });
  }

  #toolBehindLogin(name: string, { method, params }: Message, peer: Peer, endpoint: Endpoint): CallRoute {
    const hidden = toolBehindLogin({ kind: 'tool', name, peer, endpoint });
    if (!hidden) throw this.#notListed('tool', name, peer, endpoint);
    const { served, ownName } = hidden;
    const message = { method, params: params?.withValue('name', ownName) };
    const fingerprint = `${method} ${name}`;
    return new CallRoute({ served, message, tool: ownName, argumentsAt: 'arguments', isToolCall: true, fingerprint });
  }

  async #prompt({ message, peer }: Exchange, endpoint: Endpoint): Promise<Route> {
    const { method, params } = message;
    const name = needed(message, 'name');
    const found = (await endpoint.catalogFor('prompt', name, peer)).prompt(name);
    if (!found) throw this.#notListed('prompt', name, peer, endpoint);
    return new CallRoute({
      served: found.source,
      message: { method, params: ownParams(params, found) },
      tool: method,
      argumentsAt: ['name', 'arguments'],
      fingerprint: `${method} ${name}`,
    });
  }

  async #resource(exchange: Exchange, endpoint: Endpoint): Promise<Route> {
    const { message, peer } = exchange;
    const uri = needed(message, 'uri');
    if (uri.startsWith(KEPT_PREFIX)) return this.#options.kept.resource(uri, exchange, endpoint);
    const catalog = await endpoint.catalogFor('resource', uri, peer);
    const owner = catalog.ownerOf(uri);
    const [first, ...others] = owner ? [owner] : await serversThatMayHave(uri, peer, endpoint);
    if (!first) throw RpcError.of(RpcCode.invalidParams, `Resource not found: ${uri}`, { uri });
    const fingerprint = `${message.method} ${uri}`;
    return new CallRoute({ served: first, others, message, tool: message.method, argumentsAt: ['uri'], fingerprint });
  }

  async #completion({ message, peer }: Exchange, endpoint: Endpoint): Promise<Route> {
    const { method, params = ObjectText.EMPTY } = message;
    const ref = params.object('ref') ?? ObjectText.EMPTY;
    const { served, ownRef } = await referee(ref, peer, endpoint);
    const sent = ownRef === ref ? params : params.with('ref', ownRef);
    return new CallRoute({ served, message: { method, params: sent }, tool: method, argumentsAt: ['ref', 'argument'] });
  }

  async #subscribe({ message, peer, cancellation }: Exchange, endpoint: Endpoint): Promise<Route> {
    const uri = needed(message, 'uri');
    // A kept answer does not change, and a server has no business with its address.
    const isKept = uri.startsWith(KEPT_PREFIX);
    const catalog = await endpoint.catalogFor('resource', uri, peer);
    const owner = catalog.ownerOf(uri) ?? (await onlyOneFor(uri, peer, endpoint));
    if (!owner || isKept) throw new UnknownNameError({ kind: 'resource', asked: uri });
    await this.#options.subscriptions.add({ client: peer.key, peer, endpoint }, owner, uri, cancellation);
    return own(ObjectText.EMPTY);
  }

  async #unsubscribe({ message, peer, cancellation }: Exchange): Promise<Route> {
    const uri = needed(message, 'uri');
    await this.#options.subscriptions.remove(peer.key, peer, uri, cancellation);
    return own(ObjectText.EMPTY);
  }

  /** The session has taken the level on; the servers are told, and none of them can fail it. */
  async #setLevel({ message, peer, cancellation }: Exchange, endpoint: Endpoint): Promise<Route> {
    const level = message.params?.text('level');
    if (level === undefined || !LOG_LEVELS.includes(level)) {
      throw RpcError.of(RpcCode.invalidParams, `Invalid params: "level" is one of ${LOG_LEVELS.join(', ')}`);
    }
    const told = endpoint.visibleTo(peer.caller).map(({ upstream }) => upstream.logLevelChanged(peer));
    await unlessCancelled(cancellation, Promise.allSettled(told));
    return own(ObjectText.EMPTY);
  }

  /** A server lists the tasks of a connection; a client gets those of them that are its own. */
  #taskList({ message, peer }: Exchange, endpoint: Endpoint): Route {
    const route = this.#passOn(message, peer, endpoint);
    const ownTasks = async (result: ObjectText): Promise<ObjectText> => {
      const listed = result.list('tasks') ?? [];
      const owned = await Promise.all(
        listed.map((task) => this.#options.tasks.serverOf(task.text('taskId'), peer, [route.options.served])),
      );
      return result.with('tasks', listText(listed.filter((_task, index) => owned[index] !== undefined)));
    };
    return new CallRoute({ ...route.options, rewrite: ownTasks });
  }

  async #task({ message, peer }: Exchange, endpoint: Endpoint, isRepeatable: boolean): Promise<Route> {
    const visible = endpoint.visibleTo(peer.caller);
    const served = await this.#options.tasks.serverOf(message.params?.text('taskId'), peer, visible);
    if (!served) throw new BadRequestError('This session has no such task.');
    const { method, params = ObjectText.EMPTY } = message;
    const taskId = params.text('taskId');
    const asked = await this.#options.tasks.callOf(taskId, served.name, peer);
    // The id is written as it was looked up, once.
    const own = { method, params: params.withValue('taskId', taskId) };
    return new CallRoute({ served, message: own, tool: method, isRepeatable, ...(asked && { asked }) });
  }

  #notListed(kind: 'tool' | 'prompt', name: string, peer: Peer, endpoint: Endpoint): Error {
    return notListed({ kind, name, peer, endpoint }, !this.#options.frames.isActive);
  }

  /**
   * Methods the gateway knows nothing about go to the server, where there is only one it can be meant for. No role speaks of them, so that who has roles
   * may not use them, but for the list of its own tasks.
   */
  #passOn(message: Message, peer: Peer, endpoint: Endpoint): CallRoute {
    const isOpen = !endpoint.permissionOf(peer.caller).isPartial || message.method === 'tasks/list';
    const served = isOpen ? onlyServer(peer, endpoint) : undefined;
    if (!served) throw methodNotFound();
    return new CallRoute({ served, message, tool: message.method, isRepeatable: false });
  }
}

/** The gateway decides by these arguments, so that every reader has to read them alike. */
function problemsOf({ definition }: OwnTool, given: ObjectText): readonly string[] {
  return given.hasTwice ? ['an argument stands twice'] : argumentProblems(definition, given);
}

function own(result: ObjectText): Route {
  return { kind: 'own', result };
}

async function list(name: ListName, { message, peer }: Exchange, endpoint: Endpoint): Promise<Route> {
  const catalog = await endpoint.catalog(peer);
  return own(catalog.page(name, pageStart(message.params), await endpoint.listMetadata(name, peer)));
}

function methodNotFound(): RpcError {
  return RpcError.of(RpcCode.methodNotFound, 'Method not found');
}

/** The parameter that says what is asked for. */
function needed({ method, params }: Message, key: 'name' | 'uri'): string {
  const text = params?.text(key);
  if (text === undefined)
    throw RpcError.of(RpcCode.invalidParams, `Invalid params: ${method} needs "${key}", a string`);
  return text;
}

/** The name is written as the catalogue has it, never as a part of the client's bytes. */
function ownParams(params: ObjectText | undefined, { isRenamed, ownName }: Found<Served>): ObjectText | undefined {
  return isRenamed ? params?.withValue('name', ownName) : params;
}

const NO_REFERENCE =
  'Invalid params: completion/complete needs "ref", {"type":"ref/prompt","name":...} or {"type":"ref/resource","uri":...}';

async function referee(
  ref: ObjectText,
  peer: Peer,
  endpoint: Endpoint,
): Promise<{ served: Served; ownRef: ObjectText }> {
  const isResource = ref.text('type') === 'ref/resource';
  const asked = ref.text(isResource ? 'uri' : 'name');
  if (asked === undefined) throw RpcError.of(RpcCode.invalidParams, NO_REFERENCE);
  if (isResource) {
    const served = (await endpoint.catalogFor('template', asked, peer)).ownerOfTemplate(asked);
    if (!served) throw new UnknownNameError({ kind: 'resource', asked });
    return { served, ownRef: ref };
  }
  const found = (await endpoint.catalogFor('prompt', asked, peer)).prompt(asked);
  if (!found) throw new UnknownNameError({ kind: 'prompt', asked });
  return { served: found.source, ownRef: found.isRenamed ? ref.withValue('name', found.ownName) : ref };
}

/** The server that is meant by an address which nobody owns, where there is no choice. */
async function onlyOneFor(uri: string, peer: Peer, endpoint: Endpoint): Promise<Served | undefined> {
  const [only, ...others] = await serversThatMayHave(uri, peer, endpoint);
  if (others.length > 0) return undefined;
  const meant = only ?? onlyServer(peer, endpoint);
  return meant && endpoint.permissionOf(peer.caller).allows('resource', meant, uri) ? meant : undefined;
}

function onlyServer({ caller }: Peer, endpoint: Endpoint): Served | undefined {
  const servers = endpoint.visibleTo(caller).filter(({ upstream }) => upstream.kind === 'mcp');
  return servers.length === 1 ? servers[0] : undefined;
}
