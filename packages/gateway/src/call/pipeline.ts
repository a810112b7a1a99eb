import type { AnswerForm } from '../answers/answer-form.ts';
import { fitAnswer } from '../answers/fit-answer.ts';
import type { Redact } from '../config/secrets.ts';
import type { Approvals } from '../consent/approvals.ts';
import { UpstreamUnavailableError } from '../errors.ts';
import type { CallLimits } from '../limits/call-limits.ts';
import type { CountedCall } from '../limits/counted-call.ts';
import type { CallMonitor } from '../monitor/call-monitor.ts';
import { requestUpRule } from '../monitor/channels.ts';
import type { ObservedRequest, Observer } from '../observer.ts';
import type { Exchange } from '../protocol/exchange.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import type { Peer } from '../protocol/peer.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { approved } from './approved.ts';
import type { Drain } from './drain.ts';
import type { Endpoint } from './endpoint.ts';
import type { KeptAnswers } from './kept-answers.ts';
import { isCounted, limited } from './limited.ts';
import { askedAbout, type GivenResults, monitored, type OnSend } from './monitored.ts';
import { beginObserved, outcomeOfError, outcomeOfResult, traced } from './observed.ts';
import { toRpcError, toToolError } from './outcome.ts';
import { isParkedState, type ParkedCalls } from './parked-calls.ts';
import type { CallRouteOptions, OwnToolRoute, Route } from './route.ts';
import type { RoutedCall } from './routed-call.ts';
import type { FirstRoute, Router } from './router.ts';
import type { Served } from './served.ts';
import type { StrayFrames } from './stray-frames.ts';
import type { TaskOwners } from './task-owners.ts';

export interface PipelineOptions {
  readonly router: Router;
  readonly monitor: CallMonitor;
  readonly approvals: Approvals;
  readonly limits: CallLimits;
  readonly frames: StrayFrames;
  readonly parked: ParkedCalls;
  readonly tasks: TaskOwners;
  readonly kept: KeptAnswers;
  readonly drain: Drain;
  readonly observer: Observer;
  /** Takes secrets out of what the gateway itself says. @default nothing is taken out */
  readonly redact?: Redact;
}

/**
 * The way of every request, wherever it comes from: observed, routed through the catalogue of what its caller may see, passed
 * by the reference monitor, held to the limits of its server, answered, passed by the monitor again, told how it ended.
 */
export class Pipeline {
  readonly #options: PipelineOptions;
  /** What is known of results, until they are told of. */
  readonly #results: GivenResults = { filtered: new WeakSet(), labels: new WeakMap() };
  /** Bytes that an answer would have beyond those that it has. */
  readonly #saved = new WeakMap<ObjectText, number>();

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  /** Whether a method is more than handed on to the one server that may know it. */
  knows(method: string, peer: Peer, endpoint: Endpoint): boolean {
    return this.#options.router.knows(method, peer, endpoint);
  }

  /** Whether a tool of this name is the gateway's own for this client. */
  hasOwnTool(name: string, peer: Peer, endpoint: Endpoint): Promise<boolean> {
    return this.#options.router.hasOwnTool(name, peer, endpoint);
  }

  /**
   * Answers a request.
   *
   * @throws RpcError and nothing else: the error for the client.
   */
  async answer(request: Exchange, endpoint: Endpoint): Promise<ObjectText> {
    const { drain, observer, router, monitor } = this.#options;
    const observed = beginObserved(observer, request, endpoint.server);
    const exchange = traced(request, observed.trace);
    // A stream of changes is no work that closing has to wait for.
    const isWork = request.message.method !== 'subscriptions/listen';
    if (isWork) drain.enter();
    try {
      exchange.cancellation.throwIfCancelled(); // it came after what cancels it
      const routed = router.route(exchange, endpoint);
      const first = routed instanceof Promise ? await routed : routed;
      if (monitor.isActive) mustFollowRule(first, exchange);
      const route = first.kind === 'own tool' ? await this.#ownTool(first, observed) : first;
      if (route.kind === 'own' && route.server !== undefined) observed.routedTo(route.server, route.target);
      let result: ObjectText;
      if (route.kind === 'own') result = route.result;
      else if (isPlain(route.options)) {
        const { served } = route.options;
        observed.routedTo(served.name);
        result = await this.#parking(served, route.options, exchange);
        if (result.has('task')) await this.#noteTask(result, served, route.options, exchange);
      } else result = await this.#call(route.options, exchange, (server) => observed.routedTo(server));
      const isFiltered = monitor.isActive && this.#results.filtered.has(result);
      observed.end(outcomeOfResult(result, isFiltered, this.#saved.get(result)));
      return result;
    } catch (error) {
      const told = toRpcError(error, this.#options.redact);
      observed.end(exchange.cancellation.cancelled ? { verdict: 'cancelled' } : outcomeOfError(told));
      throw told;
    } finally {
      if (isWork) drain.leave();
    }
  }

  /** A notification of a client that is not about one of its requests. */
  async notified(message: Message, peer: Peer, endpoint: Endpoint): Promise<void> {
    await Promise.allSettled(
      endpoint.visibleTo(peer.caller).map(async ({ name, upstream }) => {
        const passed = await this.#options.frames.up(name, peer, message);
        if (passed) await upstream.forward(passed, peer);
      }),
    );
  }

  /** What goes wrong in it is for the model, as with the tools of servers. */
  async #ownTool(route: OwnToolRoute, observed: ObservedRequest): Promise<Route> {
    try {
      return await route.run({
        means: (server, tool) => observed.routedTo(server, tool),
        runs: ({ id }) => observed.runs(id),
      });
    } catch (error) {
      return { kind: 'own', result: toToolError(error, this.#options.redact) };
    }
  }

  /** A call of which more is known than the one server that answers it. */
  async #call(route: CallRouteOptions, exchange: Exchange, routedTo: (server: string) => void): Promise<ObjectText> {
    const { served, others = [], rewrite } = route;
    let refusal: unknown;
    for (const server of [served, ...others]) {
      try {
        routedTo(server.name);
        const result = await this.#parking(server, route, exchange);
        if (result.has('task')) await this.#noteTask(result, server, route, exchange);
        if (route.form) return await this.#fitted(result, route.form, server, route, exchange);
        if (!rewrite) return result;
        const rewritten = await rewrite(result);
        if (this.#results.filtered.has(result)) this.#results.filtered.add(rewritten);
        return rewritten;
      } catch (error) {
        if (others.length === 0) throw error;
        refusal ??= error;
      }
    }
    throw refusal;
  }

  /** Of what the monitor has let pass, and of nothing else. */
  async #fitted(
    result: ObjectText,
    form: AnswerForm,
    { name: server }: Served,
    { tool, outputSchema }: CallRouteOptions,
    { peer }: Exchange,
  ): Promise<ObjectText> {
    const { filtered, labels } = this.#results;
    const cut = this.#options.kept.cutFor(peer, { server, tool, label: labels.get(result) });
    const fitted = await fitAnswer(result, form, outputSchema, cut);
    if (fitted === result) return result;
    if (filtered.has(result)) filtered.add(fitted);
    this.#saved.set(fitted, Math.max(0, result.byteLength - fitted.byteLength));
    return fitted;
  }

  /** Parks a call while its client answers the server's questions, where client and server are of different eras. */
  #parking(served: Served, route: CallRouteOptions, exchange: Exchange): Promise<ObjectText> {
    const { fingerprint } = route;
    const { parked } = this.#options;
    const canPark = fingerprint !== undefined && exchange.peer.era === 'modern';
    const { requestState } = exchange;
    if (requestState !== undefined && isParkedState(requestState))
      return parked.resume(exchange, canPark ? fingerprint : undefined);
    if (!canPark) return this.#checked(served, route, exchange);
    if (!this.#mayAsk(served, route, exchange)) return this.#checked(served, route, exchange);
    return parked.start(exchange, fingerprint, (leg) => this.#checked(served, route, leg));
  }

  /** Whether the client may be asked something before the call has its answer, by the server or about the call itself. */
  #mayAsk({ name, upstream }: Served, { tool, isToolCall = false }: CallRouteOptions, { peer }: Exchange): boolean {
    const { approvals } = this.#options;
    return (
      (isToolCall && approvals.isActive && approvals.asksClient({ server: name, tool }, peer)) ||
      upstream.asksWhileRunning(peer)
    );
  }

  async #noteTask(result: ObjectText, served: Served, route: CallRouteOptions, exchange: Exchange): Promise<void> {
    const { monitor, tasks } = this.#options;
    const isRead = monitor.isActive && monitor.readsContents(served.name);
    const asked = isRead ? askedAbout(routedCall(served, route), exchange, isRead) : undefined;
    await tasks.note(result, served, exchange.peer, asked);
  }

  /** Approvals, where limits have a place left, before limits around the monitor around the server's own limits: breaker, retries, deadline. */
  #checked(served: Served, route: CallRouteOptions, exchange: Exchange): Promise<ObjectText> {
    const { isToolCall = false } = route;
    const { approvals, redact } = this.#options;
    const isAsked = isToolCall && approvals.isActive;
    served.drain.enter();
    // No async function: each costs a promise and the memory of all its variables, for every call.
    const answer = isAsked ? this.#approved(served, route, exchange) : this.#limited(served, route, exchange);
    return answer.then(
      (result) => {
        served.drain.leave();
        return result;
      },
      (error: unknown) => {
        served.drain.leave();
        if (!isToolCall || exchange.cancellation.cancelled) throw error;
        return toToolError(error, redact);
      },
    );
  }

  async #approved(served: Served, route: CallRouteOptions, exchange: Exchange): Promise<ObjectText> {
    const { approvals, limits, monitor } = this.#options;
    const call = routedCall(served, route);
    const counted = this.#counted(served, route, exchange);
    const mayBeMade = async (): Promise<void> => {
      if (counted) await limited(limits, counted, async () => {});
    };
    return await approved(approvals, call, exchange, monitor.isActive, mayBeMade, (onSend) =>
      this.#limited(served, route, exchange, onSend),
    );
  }

  #limited(served: Served, route: CallRouteOptions, exchange: Exchange, onSend?: OnSend): Promise<ObjectText> {
    const counted = this.#counted(served, route, exchange);
    if (!counted) return this.#monitored(served, route, exchange, onSend);
    return limited(this.#options.limits, counted, (sent) => this.#monitored(served, route, exchange, onSend, sent));
  }

  /** What limits count a call as; undefined where none does. */
  #counted({ name: server }: Served, route: CallRouteOptions, { peer }: Exchange): CountedCall | undefined {
    const { message, isToolCall = false, tool } = route;
    if (!this.#options.limits.isActive || !isCounted(message.method)) return undefined;
    return { principal: peer.caller.name, server, tool, isToolCall };
  }

  #monitored(
    served: Served,
    route: CallRouteOptions,
    exchange: Exchange,
    onSend: OnSend | undefined,
    sent?: () => void,
  ): Promise<ObjectText> {
    const { message, isRepeatable = true } = route;
    const call = routedCall(served, route);
    const send = (checked: Exchange, params: ObjectText | undefined): Promise<ObjectText> => {
      // One that was judged after its server was removed was judged by a rule that is not that server's.
      if (served.drain.isWaitedFor)
        return Promise.reject(new UpstreamUnavailableError({ server: served.name, state: 'closed' }));
      const own = params === message.params ? message : { method: message.method, params };
      return served.forwarder.forward(own, checked, isRepeatable, sent);
    };
    return monitored(this.#options.monitor, call, exchange, send, this.#results, onSend);
  }
}

function routedCall(served: Served, { tool, message, argumentsAt, asked }: CallRouteOptions): RoutedCall {
  const { params } = message;
  return { server: served.name, tool, params, argumentsAt, asked };
}

/** Whether one server answers, and its answer is given as it comes. */
function isPlain({ others, form, rewrite }: CallRouteOptions): boolean {
  return others === undefined && form === undefined && rewrite === undefined;
}

/** What the table of channels calls a call goes to a server, and nothing else does. */
function mustFollowRule(route: FirstRoute, { message }: Exchange): void {
  const { kind } = route;
  // It hands out what is configuration or what the monitor was asked about, or goes on as a call.
  if (kind === 'own tool' || (kind === 'own' && route.server !== undefined)) return;
  const isCall = requestUpRule(message.method) === 'call';
  // Such as a subscription at a server that has no resources: it is no call of a method that nobody knows.
  if (isCall !== (kind === 'call')) throw RpcError.of(RpcCode.methodNotFound, 'Method not found');
}
