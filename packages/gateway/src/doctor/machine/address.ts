import { refuseOpenListener } from '../../access/refuse-open-listener.ts';
import { ConfigError } from '../../config/config-error.ts';
import { type GatewaySection, parseListen } from '../../config/gateway-section.ts';
import { ListenError } from '../../errors.ts';
import { createServer } from '../../node-http.ts';
import { HttpServer } from '../../transport/http-server.ts';
import { configFailures } from '../config-findings.ts';
import { Findings } from '../finding.ts';
import { published } from '../published.ts';
import type { MachineProbe } from './machine-probe.ts';

const SUBJECT = 'gateway.listen';
const PLACE = { source: 'configuration', key: SUBJECT };

/** Whether the address can be listened on, and is not open to strangers. */
export const address: MachineProbe = async ({ config: { gateway } }) => {
  const found = new Findings('address', SUBJECT);
  const { host, port } = parseListen(gateway.listen) ?? { host: '127.0.0.1', port: 0 };
  const probe = new HttpServer(createServer());
  try {
    await probe.listen(host, port, 'http');
    await probe.close();
    found.ok(`${gateway.listen} is free`);
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    const isOwn = error.facts.reason === 'EADDRINUSE' && gateway.tls === undefined && (await isGateway(error.facts));
    if (isOwn)
      found.note({
        problem: `a gateway listens at ${gateway.listen} already`,
        remedy: 'end it before another is to listen there',
      });
    else found.failure({ problem: error.problem, remedy: `${error.remedy}; with --stdio it is of no matter` }, PLACE);
  }
  return [...found.all, ...open(gateway)];
};

/** Whether what listens there says of itself that it lives, as gateways do. */
async function isGateway({ host, port }: { readonly host: string; readonly port: number }): Promise<boolean> {
  const shown = host.includes(':') ? `[${host}]` : host.replace(/^0\.0\.0\.0$/, '127.0.0.1');
  return (await published(new URL(`http://${shown}:${port}/health/live`)))?.replace(/\s/g, '') === '{"status":"live"}';
}

function open(gateway: GatewaySection) {
  const { apiKeys = [], clientCertificates = [], jwt } = gateway.auth ?? {};
  try {
    refuseOpenListener(gateway, apiKeys.length > 0 || clientCertificates.length > 0 || jwt !== undefined);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return configFailures(error).map((finding) => ({ ...finding, check: 'address' as const }));
  }
}
