import type { Fetch } from '@lockgate/runtime';
import type { AuthorizationServer } from 'oauth4webapi';
import * as z from 'zod';
import { parseJson } from '../json.ts';
import { LoginFaultError } from './login-fault.ts';

/** Where people log in to a server, and what it says that they need. */
export interface LoginPlace {
  /** What tokens are asked for: the server's own name of itself (RFC 8707). */
  readonly resource: string;
  readonly authorizationServer: AuthorizationServer;
  /** Scopes that the server lists; undefined where it lists none. */
  readonly scopes: readonly string[] | undefined;
}

const resourceMetadata = z.looseObject({
  resource: z.string(),
  authorization_servers: z.array(z.string()).optional(),
  scopes_supported: z.array(z.string()).optional(),
});

const serverMetadata = z.looseObject({
  issuer: z.string(),
  authorization_endpoint: z.string().optional(),
  token_endpoint: z.string().optional(),
  registration_endpoint: z.string().optional(),
  revocation_endpoint: z.string().optional(),
  code_challenge_methods_supported: z.array(z.string()).optional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
  scopes_supported: z.array(z.string()).optional(),
  grant_types_supported: z.array(z.string()).optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
  client_id_metadata_document_supported: z.boolean().optional(),
});

export interface DiscoverOptions {
  readonly server: URL;
  /** Where the server said that its metadata is, when it refused a request. */
  readonly metadata: string | undefined;
  /** The authorization server that the configuration names. */
  readonly issuer: string | undefined;
  readonly fetch: Fetch;
}

/**
 * Finds out where people log in to a server. Source: MCP specification 2025-11-25 and 2026-07-28, "Authorization"; RFC 9728, RFC 8414.
 *
 * @throws LoginFaultError that says what is missing or does not fit.
 */
export async function discoverLogin(options: DiscoverOptions): Promise<LoginPlace> {
  const { server, issuer, fetch } = options;
  const found = await findResource(options);
  if (found && !isAbout(found.resource, server)) {
    throw new LoginFaultError(
      `The metadata of ${addressOf(server.href)} is about another server, ${addressOf(found.resource)}; it is not followed`,
    );
  }
  const named = found?.authorization_servers ?? [];
  const candidates = issuer !== undefined ? [issuer] : found ? named : [server.origin];
  if (candidates.length === 0)
    throw new LoginFaultError(`${server.host} names no authorization server; give "issuer" in "auth"`);
  const problems: string[] = [];
  // The specification leaves the choice among several to the client: the first that answers.
  for (const candidate of candidates) {
    try {
      const authorizationServer = await discoverIssuer(candidate, fetch);
      return {
        resource: found?.resource ?? withoutFragment(server),
        authorizationServer,
        scopes: found?.scopes_supported,
      };
    } catch (error) {
      if (!(error instanceof LoginFaultError)) throw error;
      problems.push(error.message);
    }
  }
  throw new LoginFaultError(problems.join('; '));
}

/**
 * The metadata of an authorization server, which must be its own.
 *
 * @throws LoginFaultError
 */
export async function discoverIssuer(issuer: string, fetch: Fetch): Promise<AuthorizationServer> {
  if (!isOfTheWeb(issuer)) {
    throw new LoginFaultError(
      `The address of an authorization server, ${shown(issuer)}, is none of https: ("authorization_servers" in the metadata of the server); its operator has to mend that, or give the right one as "issuer" in "auth"`,
    );
  }
  let problem = `${hostOf(issuer)} publishes no metadata of an authorization server`;
  for (const place of issuerPlaces(new URL(issuer))) {
    const { value, failure } = await published(place, fetch);
    if (failure !== undefined) problem = failure;
    const { success, data } = serverMetadata.safeParse(value);
    if (!success) continue;
    // Source: RFC 8414, section 3.3: metadata of another issuer must not be used (mix-up).
    if (!isSameIssuer(data.issuer, issuer)) {
      throw new LoginFaultError(
        `${addressOf(issuer)} publishes metadata of another authorization server (${addressOf(data.issuer)}); it is not used`,
      );
    }
    return data as AuthorizationServer;
  }
  throw new LoginFaultError(problem);
}

/** In the specification's order: with a path the well-known part is inserted, then appended. */
function issuerPlaces({ origin, pathname }: URL): readonly string[] {
  const path = pathname.replace(/\/$/, '');
  const inserted = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
  ];
  return path === '' ? inserted : [...inserted, `${origin}${path}/.well-known/openid-configuration`];
}

async function findResource({ server, metadata, fetch }: DiscoverOptions) {
  const path = server.pathname.replace(/\/$/, '');
  const wellKnown = `${server.origin}/.well-known/oauth-protected-resource`;
  if (metadata !== undefined && !isOfTheWeb(metadata)) {
    throw new LoginFaultError(
      `${server.host} says that its metadata is at ${shown(metadata)}, which is no address of https: ("resource_metadata" in its refusal); its operator has to mend that`,
    );
  }
  const said = metadata === undefined ? [] : [metadata];
  const places = said.length > 0 ? said : [...new Set([wellKnown + path, wellKnown])];
  for (const place of places) {
    const { value, failure } = await published(place, fetch);
    if (failure !== undefined && said.length > 0) throw new LoginFaultError(failure);
    const { success, data } = resourceMetadata.safeParse(value);
    if (success) return data;
  }
  return undefined;
}

async function published(url: string, fetch: Fetch): Promise<{ readonly value?: unknown; readonly failure?: string }> {
  try {
    const response = await fetch(url, { headers: { accept: 'application/json' } });
    if (response.status !== 200) return {};
    return { value: parseJson(await response.text()) };
  } catch (error) {
    return { failure: (error as Error).message };
  }
}

function isOfTheWeb(address: string): boolean {
  return URL.canParse(address) && ['https:', 'http:'].includes(new URL(address).protocol);
}

/** What others have written in place of an address: no control characters, and no more than 100 characters. */
function shown(text: string): string {
  return JSON.stringify(text.replaceAll(/\p{C}/gu, '').slice(0, 100));
}

/** A server may speak for everything below an address. */
function isAbout(resource: string, server: URL): boolean {
  if (!URL.canParse(resource)) return false;
  const { origin, pathname } = new URL(resource);
  const base = pathname.endsWith('/') ? pathname : `${pathname}/`;
  return origin === server.origin && (`${server.pathname}/`.startsWith(base) || server.pathname === pathname);
}

function isSameIssuer(said: string, expected: string): boolean {
  return said === expected || (URL.canParse(said) && new URL(said).href === new URL(expected).href);
}

function withoutFragment(url: URL): string {
  const bare = new URL(url);
  bare.hash = '';
  return bare.pathname === '/' && bare.search === '' ? bare.origin : bare.href;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an address that is none';
}

/** Two that differ in their path alone are told apart; no more than 200 characters of what others have written. */
function addressOf(url: string): string {
  if (!URL.canParse(url)) return 'an address that is none';
  const { origin, host, pathname } = new URL(url);
  return `${origin === 'null' ? host : origin}${pathname}`.slice(0, 200);
}

/** How long it is waited for a server that does not say in its refusal whether people can log in, in milliseconds. */
const PROBE_MS = 3_000;

/** Whether a server publishes where people log in to it, where clients look for that. Never rejects. */
export async function publishesResource(server: URL, fetch: Fetch): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, PROBE_MS);
  const found = findResource({ server, metadata: undefined, issuer: undefined, fetch }).catch(() => undefined);
  const isThere = (await Promise.race([found, late])) !== undefined;
  clearTimeout(timer);
  return isThere;
}
