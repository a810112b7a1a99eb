import type { IncomingMessage } from 'node:http';
import type { AccessControl } from '../access/access-control.ts';
import { RESOURCE_METADATA_PATH } from '../access/authenticator.ts';
import type { Principal } from '../access/principal.ts';
import type { MetricsSource } from '../observer.ts';
import { seesAll } from '../protocol/peer.ts';
import { RpcCode } from '../protocol/rpc-error.ts';
import type { HttpAnswer } from '../transport/http-answer.ts';
import { type CallerResetOptions, callerReset } from './caller-reset.ts';
import { type HealthSource, liveness, readiness } from './health.ts';
import type { PageRequest, PageRoute } from './page-route.ts';
import { refusal } from './refusal.ts';

export interface PageRoutesOptions {
  readonly access: () => AccessControl;
  readonly metricsSource: MetricsSource;
  /** Whether `/metrics` is served. */
  readonly metrics: boolean;
  /** What a caller may know of the gateway's state; of all of it where nobody has shown who they are. */
  readonly health: (caller: Principal | undefined) => Promise<HealthSource>;
  readonly callerReset: CallerResetOptions;
}

const NEEDS_ALL_SERVERS =
  'The metrics tell of every server; ask with a credential that has no "servers", "roles" or "profile" of its own';

/** What is served in addition to MCP: health, metrics, where clients learn how to log in, and the operator's way to give up labels. */
export function pageRoutes({
  access,
  metricsSource,
  metrics,
  health,
  ...more
}: PageRoutesOptions): readonly PageRoute[] {
  const ready = async ({ caller }: PageRequest): Promise<HttpAnswer> => {
    const { status, body } = readiness(await health(caller), caller !== undefined);
    return json(status, body);
  };
  const metadata = ({ path, request }: PageRequest): HttpAnswer | undefined => {
    const below = path.slice(RESOURCE_METADATA_PATH.length);
    const document = access().authenticator.resourceMetadata(below, request.headers.host);
    return document ? json(200, document) : undefined;
  };
  const metricsPage = async ({ caller }: PageRequest): Promise<HttpAnswer> => {
    // They count what all clients do at all servers.
    if (caller && !seesAll(caller)) return refusal(403, RpcCode.refused, NEEDS_ALL_SERVERS);
    const { contentType, body } = await metricsSource.metricsText();
    return { status: 200, headers: { 'content-type': contentType }, body };
  };
  return [
    { path: '/health/live', access: 'anybody', handle: () => json(liveness().status, liveness().body) },
    { path: '/health/ready', access: 'anybody', handle: ready },
    { path: '/health', access: 'anybody', handle: ready },
    { path: RESOURCE_METADATA_PATH, access: 'anybody', handle: metadata },
    { path: `${RESOURCE_METADATA_PATH}/`, access: 'anybody', handle: metadata },
    { path: '/monitor/reset', access: 'principal', handle: callerReset(more.callerReset) },
    ...(metrics ? [{ path: '/metrics', access: 'principal', handle: metricsPage } as const] : []),
  ];
}

export function routeOf(routes: readonly PageRoute[], path: string, request: IncomingMessage): PageRoute | undefined {
  return routes.find((route) => isBelow(path, route.path) && route.when?.(request) !== false);
}

/** The address itself is the root of all paths, and a page of its own. */
function isBelow(path: string, route: string): boolean {
  return path === route || (route.length > 1 && route.endsWith('/') && path.startsWith(route));
}

function json(status: number, body: object): HttpAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
