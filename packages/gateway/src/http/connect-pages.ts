import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { LockgateError } from '@lockgate/abi/without-guests';
import type { AccessControl } from '../access/access-control.ts';
import type { Attempts } from '../access/attempts.ts';
import { clientAddress } from '../access/client-address.ts';
import type { Denial, Principal } from '../access/principal.ts';
import { isOnThisMachine } from '../access/serves-console.ts';
import type { GatewaySection } from '../config/gateway-section.ts';
import type { Logger } from '../logger.ts';
import type { ConnectLinks } from '../login/connect-links.ts';
import { describeHolder, SHARED } from '../login/holder.ts';
import { secret } from '../login/login-flow.ts';
import type { HolderOf, Logins } from '../login/logins.ts';
import type { ConnectLinkRecord } from '../state/connect-link-record.ts';
import { type HttpAnswer, readBody } from '../transport/http-answer.ts';
import type { PageRequest, PageRoute } from './page-route.ts';
import { html, plainPage } from './plain-page.ts';

export interface ConnectPagesOptions {
  readonly access: () => AccessControl;
  readonly gateway: () => GatewaySection;
  readonly logins: Logins;
  readonly links: ConnectLinks;
  readonly holderOf: HolderOf;
  /** Whether a caller may use anything of a server. */
  readonly opens: (caller: Principal, server: string) => boolean;
  /** Failed attempts to show who one is, here and elsewhere. */
  readonly attempts: Attempts;
  /** Where browsers reach the gateway. */
  readonly base: () => string | undefined;
  /** Where the gateway publishes who it is as a client; undefined where authorization servers cannot read it. */
  readonly document: () => string | undefined;
  /** Who is signed in to the console in this browser; undefined where nobody is. */
  readonly consoleUser: (request: IncomingMessage) => Principal | undefined | Promise<Principal | undefined>;
  readonly logger: Logger;
}

const CALLBACK_PATH = '/oauth/callback';
const CONNECT = '/connect/';

/** A key, or a token, and what a form adds. */
const MAX_BODY_BYTES = 16_384;

const TEN_MINUTES = 600;

/**
 * Where people log in to servers: the address that a failed call names, which finds out whether it is the caller who has opened it; and where the
 * authorization server sends them back to.
 */
export function connectRoutes(options: ConnectPagesOptions): readonly PageRoute[] {
  const told = (answer: (page: PageRequest) => Promise<HttpAnswer>) => async (page: PageRequest) => {
    try {
      return await answer(page);
    } catch (error) {
      return failure(error, options.logger);
    }
  };
  return [
    { path: CONNECT, access: 'anybody', hasCors: false, handle: told((page) => connect(page, options)) },
    { path: CALLBACK_PATH, access: 'anybody', hasCors: false, handle: told((page) => callback(page, options)) },
    { path: '/oauth/client.json', access: 'anybody', hasCors: false, handle: () => clientDocument(options) },
  ];
}

async function connect({ path, request, caller }: PageRequest, options: ConnectPagesOptions): Promise<HttpAnswer> {
  const link = await options.links.find(path.slice(CONNECT.length));
  if (!link) {
    const body = html`<p>This address is not known, or is older than ten minutes. Call the tool again: it gives another.</p>`;
    return plainPage(404, 'Nothing to log in to', body);
  }
  const gateway = options.gateway();
  const isOpen = !options.access().authenticator.required;
  const own =
    isOpen || (caller && caller.how !== 'none' && request.headers.authorization === undefined) ? caller : undefined;
  if (request.method === 'GET' || request.method === 'HEAD') {
    return plainPage(
      200,
      `Log in to ${link.server}`,
      own && mayConnect(link, own, options) ? confirmation(link) : keyForm(link),
    );
  }
  if (request.method !== 'POST')
    return plainPage(405, 'Not so', html`<p>This page is asked for by GET and POST.</p>`, { allow: 'GET, POST' });
  if (!isOwnPage(request, options.base())) {
    return plainPage(403, 'Not from here', html`<p>Only the gateway's own page may ask for this.</p>`);
  }
  const form = await readForm(request);
  const key = form.get('key')?.trim();
  const shown = key ? await whoseKey(key, request, options) : undefined;
  if (typeof shown === 'number') {
    const body = html`<p>Too many wrong keys. The next is looked at in ${String(shown)} s. Nothing was done.</p>`;
    return plainPage(429, 'Too many attempts', body, { 'retry-after': String(shown) });
  }
  const prover = shown ?? (form.has('console') ? await options.consoleUser(request) : own);
  if (prover?.kind !== 'principal' || !mayConnect(link, prover, options))
    return plainPage(403, 'Not yours', refusedBody(link, gateway));
  return leave(link, options);
}

/** Who comes in with this key or token; seconds, where there were too many that did not. */
async function whoseKey(
  key: string,
  request: IncomingMessage,
  { access, gateway, attempts }: ConnectPagesOptions,
): Promise<Principal | Denial | number> {
  const address = clientAddress(request, gateway().trustedProxies);
  const wait = attempts.waitSeconds(address, key);
  if (wait > 0) return wait;
  // Counted before it is looked at, or a thousand at once would all be looked at.
  attempts.failed(address, key);
  const shown = await access().authenticator.authenticate({ headers: { authorization: `Bearer ${key}` } });
  if (shown.kind === 'principal') attempts.forgive(address, key);
  // Nothing was found out about it.
  else if (shown.status === 503) attempts.forgive(address);
  return shown;
}

/** Sends the browser on its way, with a secret that must come back with it. */
async function leave({ server, holder }: ConnectLinkRecord, options: ConnectPagesOptions): Promise<HttpAnswer> {
  const base = options.base() ?? '';
  const browser = secret();
  const how = { redirectUri: base + CALLBACK_PATH, browser, document: options.document() };
  const { url, state, host, scopes } = await options.logins.begin(server, holder, how);
  const wants =
    scopes.length === 0 ? html`` : html`<p>It is asked for: ${scopes.map((scope) => html`<code>${scope}</code> `)}</p>`;
  const body = html`<p><strong>${host}</strong> will ask whether the gateway Lockgate may use <strong>${server}</strong> in your name; ${forWhom(holder)}.</p>${wants}
<p>Afterwards you come back to <code>${how.redirectUri}</code>.</p><p><a class="go" href="${url}" rel="noreferrer">Continue to ${host}</a></p>`;
  return plainPage(200, `Log in to ${server}`, body, { 'set-cookie': cookie(state, browser, base) });
}

async function callback({ request }: PageRequest, { logins, base }: ConnectPagesOptions): Promise<HttpAnswer> {
  if (request.method !== 'GET')
    return plainPage(405, 'Not so', html`<p>This page is asked for by GET.</p>`, { allow: 'GET' });
  const answer = new URL(request.url ?? '', 'http://gateway').searchParams;
  const browser = readCookie(request, cookieName(answer.get('state') ?? '', base() ?? ''));
  const { server, holder, isKept } = await logins.finish(answer, browser ?? '');
  const kept = isKept ? html`` : html`<p>The login is kept in memory, and ends when the gateway does.</p>`;
  const body = html`<p>Lockgate may use <strong>${server}</strong> now; ${forWhom(holder)}. You can close this page, and call the tool again.</p>${kept}`;
  return plainPage(200, 'You are logged in', body);
}

/**
 * Whether somebody may log in at this address: the caller who was given it, or for the login of all callers an operator. Where operators are named nobody
 * else may give all callers a login, whose owner would see what they do with it.
 */
function mayConnect(
  link: ConnectLinkRecord,
  prover: Principal,
  { gateway, holderOf, opens }: ConnectPagesOptions,
): boolean {
  if (!opens(prover, link.server)) return false;
  if (link.holder !== SHARED) return holderOf(prover) === link.holder;
  if (prover.admin === 'operator') return true;
  const { auth, listen, publicUrl } = gateway();
  const hasOperators =
    auth?.apiKeys.some(({ admin }) => admin === 'operator') || (auth?.jwt?.admin?.operator.length ?? 0) > 0;
  if (hasOperators) return false;
  return prover.how === 'none'
    ? isOnThisMachine({ listen, publicUrl })
    : prover.name === link.caller && prover.how === link.how;
}

function confirmation({ server, holder }: ConnectLinkRecord) {
  return html`<p>The gateway Lockgate needs a login at <strong>${server}</strong>; ${forWhom(holder)}.</p><form method="post"><button>Log in</button></form>`;
}

/** Says of nobody who they are: it is not known yet who reads it. */
function keyForm({ server, holder }: ConnectLinkRecord) {
  const whose =
    holder === SHARED
      ? html`all callers of the gateway will use it with this login. Only <strong>whoever may do that</strong>`
      : html`one caller alone will use it with this login. Only <strong>the caller who was given this address</strong>`;
  return html`<p>The gateway Lockgate needs a login at <strong>${server}</strong>; ${whose} can go on here: show that it is you. If somebody else sent you this address, close the page.</p>
<form method="post"><label>Your key or token of this gateway<input name="key" type="password" autocomplete="off" required></label><button>Log in</button></form>
<form method="post"><input type="hidden" name="console" value="1"><button>I am signed in to the console here</button></form>`;
}

function refusedBody({ holder }: ConnectLinkRecord, { auth }: GatewaySection) {
  if (holder !== SHARED)
    return html`<p>This address was given to a caller, and what was shown is not theirs, or they may no longer use the server. Nothing was done.</p>`;
  const who = auth
    ? 'an operator, or where the gateway names none the caller that was given this address,'
    : 'somebody on the machine of the gateway';
  return html`<p>The login is for all callers of the gateway: ${who} makes it, here or with <code>lockgate connect</code>. Nothing was done.</p>`;
}

function forWhom(holder: string): string {
  return holder === SHARED
    ? 'all callers of the gateway will use it with this login'
    : `only ${describeHolder(holder)} will use it with this login`;
}

function clientDocument({ base, document }: ConnectPagesOptions): HttpAnswer | undefined {
  const id = document();
  if (id === undefined) return undefined;
  const body = {
    client_id: id,
    client_name: 'Lockgate',
    client_uri: base(),
    redirect_uris: [`${base()}${CALLBACK_PATH}`],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'web',
  };
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'max-age=300' },
    body: JSON.stringify(body),
  };
}

function failure(error: unknown, logger: Logger): HttpAnswer {
  if (LockgateError.isInstance(error)) {
    return plainPage(
      400,
      'That did not work',
      html`<p>${error.message}.</p><p>Nothing was changed. Call the tool again for another address.</p>`,
    );
  }
  logger.error({ err: error }, 'a page of a login could not be answered');
  return plainPage(500, 'That did not work', html`<p>This is a fault of the gateway itself; its log says more.</p>`);
}

/** A form sends `Origin`; a page of another port of this machine is another page. */
function isOwnPage({ headers }: IncomingMessage, base: string | undefined): boolean {
  return (
    base !== undefined &&
    headers.origin?.toLowerCase() === new URL(base).origin &&
    headers['sec-fetch-site'] !== 'cross-site'
  );
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const { promise, resolve } = Promise.withResolvers<Buffer | 'too large' | 'aborted'>();
  readBody(request, MAX_BODY_BYTES, resolve);
  const body = await promise;
  return new URLSearchParams(typeof body === 'string' ? '' : body.toString('utf8'));
}

/** One for each login, so that several may be under way. Browsers take `__Host-` from no other host and no other way than https. */
function cookieName(state: string, base: string): string {
  const name = `lockgate-login-${createHash('sha256').update(state).digest('hex').slice(0, 12)}`;
  return base.startsWith('https:') ? `__Host-${name}` : name;
}

function cookie(state: string, browser: string, base: string): string {
  const isSecure = base.startsWith('https:');
  const path = isSecure ? '/; Secure' : CALLBACK_PATH;
  return `${cookieName(state, base)}=${browser}; HttpOnly; SameSite=Lax; Max-Age=${TEN_MINUTES}; Path=${path}`;
}

function readCookie({ headers }: IncomingMessage, name: string): string | undefined {
  const parts = (headers.cookie ?? '').split(';').map((part) => part.trim());
  return parts.find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);
}
