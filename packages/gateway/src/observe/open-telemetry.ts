import type { GatewaySection } from '../config/gateway-section.ts';
import type { Logger } from '../logger.ts';
import type { MetricsSnapshot } from '../observer.ts';
import { openAuditLog } from './audit.ts';
import { noMetrics, openMetrics } from './metrics.ts';
import { type RequestWatcher, Telemetry } from './telemetry.ts';

/** Opens what a gateway observes itself with. Nothing of it can keep the gateway from starting. */
export async function openTelemetry(
  { logDir, logRotation, metrics, tracing }: Pick<GatewaySection, 'logDir' | 'logRotation' | 'metrics' | 'tracing'>,
  snapshot: () => MetricsSnapshot,
  logger: Logger,
  watcher?: RequestWatcher,
): Promise<Telemetry> {
  const audit = openAuditLog({
    logDir,
    rotation: logRotation,
    onFailure: (error) =>
      logger.error({ logDir, reason: error.message }, 'the audit log cannot be written; its lines are lost'),
  });
  return new Telemetry({
    audit,
    metrics: metrics ? openMetrics({ snapshot, auditLost: () => audit.lost }) : noMetrics,
    tracing: tracing.enabled ? (await import('./open-tracing.ts')).openTracing(tracing) : undefined,
    now: () => performance.now(),
    watcher,
  });
}
