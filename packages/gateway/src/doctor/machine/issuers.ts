import { IssuerKeys } from '../../access/issuer-keys.ts';
import { servesConsole } from '../../access/serves-console.ts';
import { Provider } from '../../console/oidc/provider.ts';
import { silentLogger } from '../../logger.ts';
import { type Finding, Findings } from '../finding.ts';
import type { MachineFacts, MachineProbe } from './machine-probe.ts';

/** Whether those who issue tokens for this gateway can be asked, and are who the configuration says. */
export const issuers: MachineProbe = async (facts) => {
  const found = await Promise.all([ofClients(facts), ofConsole(facts)]);
  return found.flat();
};

async function ofClients({ config, fetch, nowMs }: MachineFacts): Promise<readonly Finding[]> {
  const { jwt } = config.gateway.auth ?? {};
  if (!jwt) return [];
  const key = 'gateway.auth.jwt.issuer';
  const found = new Findings('issuers', key);
  try {
    await new IssuerKeys(jwt, fetch, () => nowMs).fetchKeys();
    return found.ok(`the keys of ${jwt.issuer} can be fetched`).all;
  } catch (error) {
    const problem = `no token lets anybody in: the keys of ${jwt.issuer} cannot be fetched: ${innermost(error)}`;
    const where = jwt.jwksUri === undefined ? '"issuer"' : '"jwksUri"';
    const remedy = `correct ${where}, or see to it that this machine reaches it`;
    return found.failure({ problem, remedy }, { source: 'configuration', key }).all;
  }
}

async function ofConsole({ config: { gateway }, fetch, nowMs }: MachineFacts): Promise<readonly Finding[]> {
  const oidc = typeof gateway.console === 'object' ? gateway.console.oidc : undefined;
  if (!oidc || !servesConsole(gateway)) return [];
  const key = 'gateway.console.oidc.issuer';
  const found = new Findings('issuers', key);
  let why = '';
  const warn = ({ reason }: { readonly reason?: unknown }): void => {
    why = `: ${reason}`;
  };
  try {
    await new Provider(oidc, { fetch, logger: { ...silentLogger, warn }, now: () => nowMs }).facts();
    return found.ok(`${oidc.issuer} is an OpenID provider that the console can use`).all;
  } catch (error) {
    const { message, remedy = 'correct it' } = error as Error & { readonly remedy?: string };
    const problem = `nobody can sign in to the console there: ${message}${why}`;
    return found.failure({ problem, remedy }, { source: 'configuration', key }).all;
  }
}

/** `fetch` says that it failed, and its causes why. */
function innermost(error: unknown): string {
  const { cause, message } = error as Error;
  if (cause instanceof AggregateError) return innermost(cause.errors[0]);
  return cause instanceof Error ? innermost(cause) : message;
}
