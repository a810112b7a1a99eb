import { createHash } from 'node:crypto';
import { type GuardGuestOptions, guardGuest } from '@lockgate/testkit';
import type { LockgateFile } from '../../../src/config/schema.ts';
import type { Decision } from '../../../src/monitor/decision.ts';
import type { Era } from '../../../src/protocol/era.ts';
import { createGateway } from '../../fixtures/patient-gateway.ts';
import { moduleFiles } from '../guarded-files.ts';
import { MarkedClient, type MarkedClientOptions } from './marked-client.ts';
import { type Kinds, says, serveTalking } from './talking-server.ts';

export const PUBLIC = { secrecy: [], integrity: [] };
export const SECRET = { secrecy: ['s'], integrity: [] };
export const MODES = ['strict', 'filter', 'propagate'] as const;
const ERAS: readonly Era[] = ['legacy', 'modern'];
export const ENDPOINTS = ['unified', 'routed'] as const;

export type Mode = (typeof MODES)[number];
export type EndpointKind = (typeof ENDPOINTS)[number];

const reading = (labels: object) => ({ resource: { description: '', ...labels }, operation: 'read' });
/** The label of a result, where only what is beside it is to be secret. */
const PUBLIC_ANSWER = { labeled_paths: [{ path: '', labels: PUBLIC }] };

type Rules = NonNullable<GuardGuestOptions['rules']>;

/** A guard that takes everything for secret; a call of the kind "write" is a write to a public place. */
function secretGuard(mode: Mode, agent: object, answer: unknown, rules: Rules = {}): Uint8Array {
  const writing = { resource: { description: '', ...PUBLIC }, operation: 'write' };
  return guardGuest({
    answers: {
      label_agent: { agent, difc_mode: mode },
      label_resource: reading(SECRET),
      label_response: answer,
    },
    rules: {
      ...rules,
      label_resource: [{ contains: '"kind":"write"', answer: writing }, ...(rules.label_resource ?? [])],
    },
  });
}

export interface GuardedTalkOptions {
  readonly kinds: Kinds;
  /** What the guards grant, by mode. @default nothing */
  readonly grants?: Partial<Record<Mode, object>>;
  /** What the guards answer about results. @default they are public */
  readonly answer?: unknown;
  readonly rules?: Rules;
  readonly eras?: readonly Era[];
  readonly gateway?: object;
}

const KEYS = 400;

/**
 * A gateway with one talking server behind guards of every mode, and an open one; each client has a key of its own, since what a key reads without a
 * session counts for all that the key does.
 */
export async function guardedTalk({
  kinds,
  grants = {},
  answer = PUBLIC_ANSWER,
  rules = {},
  eras,
  gateway: more,
}: GuardedTalkOptions) {
  await using opening = new AsyncDisposableStack();
  const own: Kinds = { write: () => says('written'), ...kinds };
  const talking = opening.use(await serveTalking(own, { ...(eras && { eras }) }));
  const open = opening.use(await serveTalking(own, { scheme: 'o', ...(eras && { eras }) }));
  const guards = Object.fromEntries(
    MODES.map((mode) => [mode, secretGuard(mode, grants[mode] ?? PUBLIC, answer, rules)]),
  );
  const files = moduleFiles(guards);
  const keyOf = (index: number): string => `${index}`.padStart(40, 'k');
  const apiKeys = Array.from({ length: KEYS }, (_, index) => ({
    name: `key${index}`,
    hash: `sha256:${createHash('sha256').update(keyOf(index)).digest('hex')}`,
  }));
  const config: LockgateFile = {
    gateway: { listen: '127.0.0.1:0', auth: { apiKeys }, ...more },
    guards: Object.fromEntries(MODES.map((mode) => [mode, { path: files[mode] as string }])),
    mcpServers: {
      ...Object.fromEntries(MODES.map((mode) => [mode, { url: talking.url, guard: mode }])),
      open: { url: open.url },
    },
  };
  const decisions: Decision[] = [];
  let decided = Promise.withResolvers<void>();
  const onDecision = (decision: Decision): void => {
    decisions.push(decision);
    decided.resolve();
    decided = Promise.withResolvers();
  };
  const gateway = opening.use(await createGateway(config, { onDecision }));
  await gateway.started();
  const { url } = await gateway.listen();
  const owned = opening.move();
  let keys = 0;
  return {
    url,
    gateway,
    config,
    decisions,
    /** Resolves when the monitor has decided so, after the first `since` decisions. */
    async untilDecided(since: number, isIt: (decision: Decision) => boolean): Promise<void> {
      while (!decisions.slice(since).some(isIt)) await decided.promise;
    },
    /** Behind the guards. */
    talking,
    open,
    /** A client of its own key at the endpoint of all servers or of this one. */
    async client(server: string, era: Era, endpoint: EndpointKind, more: Partial<MarkedClientOptions> = {}) {
      const at = endpoint === 'unified' ? url : `${url}/${server}`;
      const client = await MarkedClient.open({ url: at, era, key: keyOf(keys++), ...more });
      owned.use(client);
      return client;
    },
    metrics: async (): Promise<string> => {
      const headers = { authorization: `Bearer ${keyOf(0)}` };
      return (await fetch(new URL('/metrics', url), { headers })).text();
    },
    /** The tool of a server as that endpoint names it. */
    tool: (server: string, endpoint: EndpointKind): string => (endpoint === 'unified' ? `${server}__say` : 'say'),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export type GuardedTalk = Awaited<ReturnType<typeof guardedTalk>>;

/** Every combination of what the cases must hold in. */
export const EVERYWHERE = MODES.flatMap((mode) =>
  ERAS.flatMap((era) => ENDPOINTS.map((endpoint) => ({ mode, era, endpoint }))),
);
