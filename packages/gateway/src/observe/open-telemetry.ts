import type { GatewaySection } from '../config/gateway-section.ts';
import type { Logger } from '../logger.ts';
import type { MetricsSnapshot } from '../observer.ts';
import { openAuditLog } from './audit.ts';
import { readAuditKeys } from './audit-keys.ts';
import { noMetrics, openMetrics } from './metrics.ts';
import { type RequestWatcher, Telemetry } from './telemetry.ts';

export interface OpenTelemetryOptions {
  readonly snapshot: () => MetricsSnapshot;
  readonly logger: Logger;
  readonly watcher?: RequestWatcher | undefined;
  /** Number of the process, where several serve together. */
  readonly process?: number | undefined;
}

/**
 * Opens what a gateway observes itself with. Nothing of it can keep the gateway from starting but the keys of the audit log.
 *
 * @throws GATEWAY_AUDIT_KEY where they cannot be read.
 */
export async function openTelemetry(
  {
    logDir,
    logRotation,
    audit: keys,
    metrics,
    tracing,
  }: Pick<GatewaySection, 'logDir' | 'logRotation' | 'audit' | 'metrics' | 'tracing'>,
  { snapshot, logger, watcher, process }: OpenTelemetryOptions,
): Promise<Telemetry> {
  const [key] = await readAuditKeys(keys, (keyFile) =>
    logger.warn(
      { keyFile },
      'everybody on this machine can read the keys of the audit log; take that right away (chmod 600)',
    ),
  );
  const audit = openAuditLog({
    logDir,
    process,
    key,
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
