import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from '../../config/config-error.ts';
import type { GatewaySection } from '../../config/gateway-section.ts';
import { createServer } from '../../transport/tls.ts';
import { configFailures } from '../config-findings.ts';
import { type Finding, Findings } from '../finding.ts';
import type { MachineProbe } from './machine-probe.ts';

/** Who has less time than this is told of it. */
const SOON_DAYS = 14;
const DAY_MS = 86_400_000;

/** Whether the certificate and its key can be read, belong together, and are valid now. */
export const tls: MachineProbe = ({ config: { gateway }, nowMs }) => {
  if (gateway.tls === undefined) return [];
  try {
    createServer(gateway, () => {});
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return configFailures(error).map((finding) => ({ ...finding, check: 'tls' as const }));
  }
  return certificate(gateway.tls.cert, gateway, nowMs);
};

function certificate(file: string, { publicUrl }: GatewaySection, nowMs: number): readonly Finding[] {
  const key = 'gateway.tls.cert';
  const place = { source: file, key };
  const found = new Findings('tls', key);
  const served = new X509Certificate(readFileSync(file));
  const days = Math.floor((served.validToDate.getTime() - nowMs) / DAY_MS);
  const until = served.validToDate.toISOString().slice(0, 10);
  const remedy = 'put a new one in its place, and send SIGHUP to a gateway that runs';
  if (days < 0) found.failure({ problem: `the certificate expired on ${until}`, remedy }, place);
  else if (nowMs < served.validFromDate.getTime())
    found.failure(
      {
        problem: `the certificate is valid from ${served.validFrom} on only`,
        remedy: 'set the clock, or take another',
      },
      place,
    );
  else if (days < SOON_DAYS) found.warning({ problem: `the certificate expires on ${until}`, remedy }, place);
  else found.ok(`the certificate is valid until ${until} and belongs to its key`);
  const name = publicUrl === undefined ? undefined : new URL(publicUrl).hostname;
  if (name !== undefined && served.checkHost(name) === undefined && served.checkIP(name) === undefined) {
    const problem = `the certificate is not for "${name}", the name in "publicUrl"`;
    found.warning({ problem, remedy: 'get one for that name, unless a proxy before the gateway has its own' }, place);
  }
  return found.all;
}
