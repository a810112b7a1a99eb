import type { IncomingMessage } from 'node:http';
import type { GatewayStatus } from '../gateway.ts';
import type { MetricsSource } from '../observer.ts';
import { RESOURCE_METADATA_PATH } from './auth.ts';
import type { Door } from './door.ts';
import { type HealthEntry, type HealthSource, liveness, readiness } from './health.ts';
import type { Denial, Principal } from './principal.ts';

export interface OtherPagesOptions {
  readonly door: () => Door;
  readonly telemetry: MetricsSource;
  /** Whether `/metrics` is served. */
  readonly metrics: boolean;
  readonly status: () => GatewayStatus;
}

/** What is served beside MCP: health, metrics, and where clients learn how to log in. */
export function otherPages({ door, telemetry, metrics, status }: OtherPagesOptions) {
  return async (path: string, caller: Principal | Denial, request: IncomingMessage): Promise<Response | undefined> => {
    if (path === '/health/live') {
      const { status: code, body } = liveness();
      return Response.json(body, { status: code });
    }
    if (path === '/health/ready' || path === '/health') {
      const { status: code, body } = readiness(toHealth(status()), caller.kind === 'principal');
      return Response.json(body, { status: code });
    }
    if (path === RESOURCE_METADATA_PATH || path.startsWith(`${RESOURCE_METADATA_PATH}/`)) {
      const document = door().authenticator.resourceMetadata(
        path.slice(RESOURCE_METADATA_PATH.length),
        request.headers.host,
      );
      return document ? Response.json(document) : undefined;
    }
    if (path === '/metrics' && metrics && caller.kind === 'principal') {
      const { contentType, body } = await telemetry.metricsText();
      return new Response(body, { headers: { 'content-type': contentType } });
    }
    return undefined;
  };
}

const STATES = { running: 'up', starting: 'starting', restarting: 'down', closed: 'down' } as const;

function toHealth({ state, upstreams, guards }: GatewayStatus): HealthSource {
  const behind = guards.map(({ server, guard, failure }): HealthEntry => {
    return {
      name: `${guard} of ${server}`,
      kind: 'guard',
      state: failure === undefined ? 'up' : 'down',
      reason: failure,
    };
  });
  const entries = upstreams.map(({ name, kind, state, reason }): HealthEntry => {
    return { name, kind: kind === 'mcp' ? 'server' : kind, state: STATES[state], reason };
  });
  return { state, entries: [...entries, ...behind] };
}
