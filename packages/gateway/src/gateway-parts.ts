import { Permissions } from './access/permissions.ts';
import { AnswerStore } from './answers/answer-store.ts';
import { createBackendCall } from './call/backend-call.ts';
import { Drain } from './call/drain.ts';
import type { DiscoveryOptions } from './call/endpoint.ts';
import { Endpoints } from './call/endpoints.ts';
import { KeptAnswers } from './call/kept-answers.ts';
import { Leaving } from './call/leaving.ts';
import { Listeners } from './call/listeners.ts';
import { executeTool } from './call/own-tools/execute-tool.ts';
import { searchTool } from './call/own-tools/search-tool.ts';
import { ToolFinder } from './call/own-tools/tool-finder.ts';
import { ParkedCalls } from './call/parked-calls.ts';
import { Pipeline } from './call/pipeline.ts';
import { Router } from './call/router.ts';
import { ServedList } from './call/served.ts';
import { StrayFrames } from './call/stray-frames.ts';
import { Subscriptions } from './call/subscriptions.ts';
import { TaskOwners } from './call/task-owners.ts';
import { type Embed, Meanings } from './catalog/search/meanings.ts';
import type { GatewayConfig } from './config/schema.ts';
import type { Redact } from './config/secrets.ts';
import { type SectionDigests, sectionDigests } from './config/section-digests.ts';
import { isProgram } from './config/servers-section.ts';
import { withoutUndefined } from './config/without-undefined.ts';
import { Approvals } from './consent/approvals.ts';
import { Pins } from './consent/pins.ts';
import { GatewayLogins } from './gateway-logins.ts';
import type { Guests } from './guests.ts';
import { CallLimits } from './limits/call-limits.ts';
import type { Logger } from './logger.ts';
import { agentOf, nameOfAgent } from './monitor/agent-key.ts';
import { type Decision, toldDecision } from './monitor/decision.ts';
import { MonitorService } from './monitor/monitor-service.ts';
import { sessionTag } from './observe/session-tag.ts';
import type { Observer } from './observer.ts';
import { ObjectText } from './protocol/frame/object-text.ts';
import { silentPeer } from './protocol/silent-peer.ts';
import { OtherConfigurations } from './replicas/other-configurations.ts';
import { Replicas } from './replicas/replicas.ts';
import { ScriptTool } from './script/script-tool.ts';
import { Announcer } from './session/announcer.ts';
import { HttpSession } from './session/http-session.ts';
import { HttpSessions } from './session/http-sessions.ts';
import { Sessions } from './session/sessions.ts';
import type { StateStore } from './state/state-store.ts';
import { KeepAlive } from './transport/keep-alive.ts';
import { Programs } from './transport/programs.ts';
import { VERSION } from './version.ts';

export interface PartsOptions {
  /** The configuration of now. */
  readonly config: () => GatewayConfig;
  readonly store: StateStore;
  readonly logger: Logger;
  /** What makes a command of lockgate mean this configuration, with a space before it. */
  readonly flag: string;
  /** Takes secrets out of the errors that clients are told. */
  readonly redact: Redact;
  readonly observer: Observer;
  readonly onDecision: ((decision: Decision) => void) | undefined;
  readonly guests: () => Promise<Guests>;
  readonly embed: Embed | undefined;
  /** Resolves when clients no longer wait for servers that are slow to start. */
  readonly startWindow: Promise<void>;
}

/** What a gateway is made of. */
export interface GatewayParts {
  readonly observer: Observer;
  readonly store: StateStore;
  readonly answers: AnswerStore;
  readonly monitor: MonitorService;
  readonly served: ServedList;
  readonly permissions: Permissions;
  readonly limits: CallLimits;
  readonly pins: Pins;
  readonly approvals: Approvals;
  readonly leaving: Leaving;
  readonly endpoints: Endpoints;
  readonly pipeline: Pipeline;
  readonly listeners: Listeners;
  readonly tasks: TaskOwners;
  readonly parked: ParkedCalls;
  readonly drain: Drain;
  readonly sessions: Sessions;
  readonly replicas: Replicas;
  readonly otherConfigurations: OtherConfigurations;
  readonly httpSessions: HttpSessions;
  readonly announcer: Announcer;
  readonly keepAlive: KeepAlive;
  readonly programs: Programs;
  readonly scripts: ScriptTool;
  readonly logins: GatewayLogins;
}

/** Makes the parts of a gateway and hands each what it needs. Nothing is started. */
export function createParts(options: PartsOptions): GatewayParts {
  const { store, logger, observer, startWindow, guests } = options;
  const config = options.config();
  const { maxSessions, sessionIdleMs } = config.gateway.limits;
  const { prefix, prefixSeparator: separator, portableNames: portable } = config.gateway;
  const now = (): number => performance.now();
  const replicas = new Replicas({ store, logger });
  const digests = (): SectionDigests => sectionDigests(options.config(), options.redact);
  const otherConfigurations = new OtherConfigurations({ replicas, logger, now, digests });
  /** Other gateways have one of their own. */
  const isOwnServer = (name: string): boolean => {
    const entry = options.config().mcpServers[name];
    return entry === undefined || isProgram(entry);
  };
  const served = new ServedList();
  const permissions = new Permissions(config);
  const limits = new CallLimits({ store, now: Date.now, monotonicNow: now }, config.limits);
  const pins = new Pins({
    store,
    logger,
    offers: () =>
      served.all.map(({ name, upstream }) => ({
        server: name,
        offer: upstream.offer(silentPeer('', { name: 'pins' }), false),
      })),
    onChange: (server) => {
      for (const { name, upstream } of served.all) {
        if (server === undefined || server === name) announcer.changed(upstream, ['tools', 'prompts']);
      }
    },
  });
  const approvals = new Approvals({
    logger,
    redact: options.redact,
    store,
    now: Date.now,
    pinOf: (server, tool) => pins.digestOf(server, 'tool', tool),
  });
  const monitor = new MonitorService({
    store,
    // Longer than the record of the session, with which they are renewed: labels never go before it.
    sessionTtlMs: store.isShared ? 2 * sessionIdleMs : undefined,
    loader: async () => (await guests()).loader,
    callBackend: createBackendCall((server) => served.get(server)),
    logger,
    now,
    onDecision: (decision) => tellDecision(decision, options),
    onRevoked: () => {
      sessions.dropKept();
      answers.clear();
    },
  });
  const { store: storeOptions, previewBytes } = config.gateway.answers;
  const answers = new AnswerStore({ ...storeOptions, now, logger, replica: replicas.name });
  const kept = new KeptAnswers({ store: answers, monitor, previewBytes });
  const tasks = new TaskOwners(store, Date.now, (server) => (isOwnServer(server) ? replicas.name : undefined));
  const frames = new StrayFrames({ monitor, tasks });
  const subscriptions = new Subscriptions(frames);
  const listeners = new Listeners(subscriptions, frames, maxSessions);
  const parked = new ParkedCalls({ store, replicas, now: Date.now });
  const drain = new Drain();
  const finder = new ToolFinder(options.embed && new Meanings(options.embed, logger));
  const scripts = new ScriptTool({
    limits: config.gateway.scripts,
    logger,
    answer: (exchange, endpoint) => pipeline.answer(exchange, endpoint),
    giveResult: (script, { exchange }) => monitor.giveResult(agentOf(exchange.peer), script),
  });
  const ownTools = [searchTool(finder), executeTool(finder, kept), scripts];
  const router = new Router({ subscriptions, listeners, tasks, frames, kept, ownTools });
  const { redact } = options;
  const pipeline = new Pipeline({
    router,
    monitor,
    approvals,
    limits,
    frames,
    parked,
    tasks,
    kept,
    drain,
    observer,
    redact,
  });
  const sessions = new Sessions({
    maxSessions,
    idleMs: sessionIdleMs,
    now,
    onOpen: (session) => {
      if (session instanceof HttpSession) httpSessions.isOpen(session);
      else
        monitor
          .renew(agentOf(session.peer))
          .catch((err: unknown) => logger.warn({ err }, 'the state store could not be told that a session goes on'));
    },
    onEnd: ({ peer }, end) => {
      subscriptions.forget(peer.key);
      frames.forget(peer);
      const agent = agentOf(peer);
      const leave = (isOver: boolean): void => (isOver ? monitor.evict(agent) : monitor.letGo(agent));
      const isOver = httpSessions.isOver(peer.key, end);
      if (typeof isOver === 'boolean') leave(isOver);
      else void isOver.then(leave);
      answers.forget(nameOfAgent(agent));
      for (const { upstream } of served.all) upstream.forget(peer);
    },
  });
  const httpSessions = new HttpSessions({
    sessions,
    store,
    pipeline,
    replicas,
    now: Date.now,
    logger,
    renewLabels: (peer) => monitor.renew(agentOf(peer)),
  });
  const announcer = new Announcer({
    served,
    permissions,
    pins,
    sessions,
    listeners,
    subscriptions,
    tasks,
    frames,
    logger,
    others: { replicas, isOwnServer, startWindow },
  });
  const info = ObjectText.from({ name: 'lockgate', title: 'Lockgate', version: VERSION });
  const endpoints = new Endpoints(
    { served, permissions, pins, info, startWindow, isGuarded: (server) => monitor.readsContents(server) },
    { prefix, separator, portable },
    discoveryOf(config),
    config.profiles,
  );
  const keepAlive = new KeepAlive(now);
  return {
    observer,
    store,
    answers,
    monitor,
    served,
    permissions,
    limits,
    pins,
    approvals,
    leaving: new Leaving(logger),
    endpoints,
    pipeline,
    listeners,
    tasks,
    parked,
    drain,
    sessions,
    replicas,
    otherConfigurations,
    httpSessions,
    announcer,
    keepAlive,
    scripts,
    logins: new GatewayLogins({
      config: options.config,
      isGuarded: (server) => monitor.readsContents(server),
      store,
      logger,
      flag: options.flag,
      now: Date.now,
      monotonicNow: now,
    }),
    programs: new Programs(config.gateway.startConcurrency, guests),
  };
}

/** How clients find tools where nothing more specific says otherwise. */
export function discoveryOf({ gateway: { discovery, discoveryBudgetTokens } }: GatewayConfig): DiscoveryOptions {
  return { discovery, budgetTokens: discoveryBudgetTokens };
}

function tellDecision(decision: Decision, { onDecision, observer, logger }: PartsOptions): void {
  onDecision?.(decision);
  const { channel, verdict } = decision;
  if (channel && verdict === 'allowed') return;
  const told = toldDecision(decision);
  observer.decided(told);
  if (verdict === 'allowed') return;
  const said = { ...told, session: told.session === undefined ? undefined : sessionTag(told.session) };
  if (decision.deniedBy === 'limit') {
    const { server, tool, principal, session, reason } = said;
    logger.info({ server, tool, principal, session, reason }, 'a session has used up the limit of a tool');
  } else if (decision.deniedBy === 'state') {
    logger.info({ decision: said }, 'a call was denied because the state store failed');
  } else if (channel) {
    logger.debug({ decision: said }, 'the reference monitor did not let a frame pass');
  } else {
    const { server, tool, principal, session, withheld, total, deniedBy, reason } = said;
    const facts = { server, tool, principal, session, verdict, withheld, total, deniedBy, reason };
    logger.info(withoutUndefined(facts), 'the reference monitor withheld something');
    logger.debug({ decision: said }, 'what the reference monitor knew of it');
  }
}
