import { openAuditLog } from '../audit.ts';
import type { GatewaySection } from '../config/gateway-section.ts';
import type { Logger } from '../logger.ts';
import { type MetricsSnapshot, noMetrics, openMetrics } from './metrics.ts';
import { Telemetry } from './telemetry.ts';
import { noTracing } from './tracing.ts';

/** Opens what a gateway observes itself with. Nothing of it can keep the gateway from starting. */
export async function openTelemetry(
  { logDir, metrics, tracing }: Pick<GatewaySection, 'logDir' | 'metrics' | 'tracing'>,
  snapshot: () => MetricsSnapshot,
  logger: Logger,
): Promise<Telemetry> {
  return new Telemetry({
    audit: openAuditLog({
      logDir,
      onFailure: (error) => logger.error({ logDir, reason: error.message }, 'the audit log cannot be written'),
    }),
    metrics: metrics ? openMetrics(snapshot) : noMetrics,
    tracing: tracing.enabled ? (await import('./open-tracing.ts')).openTracing(tracing) : noTracing,
    now: () => performance.now(),
  });
}
