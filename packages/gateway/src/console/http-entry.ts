import type { IncomingMessage } from 'node:http';
import type { Attempts } from '../access/attempts.ts';
import { clientAddress } from '../access/client-address.ts';
import type { Principal } from '../access/principal.ts';
import type { GatewaySection } from '../config/gateway-section.ts';
import type { PageRequest, PageRoute } from '../http/page-route.ts';
import type { Logger } from '../logger.ts';
import type { HttpAnswer } from '../transport/http-answer.ts';
import { answerApi, writeFailure } from './answer-api.ts';
import { ApiFailure } from './api-failure.ts';
import type { Visitor } from './api-handler.ts';
import type { ApiTable } from './api-table.ts';
import { type ConsoleSessions, isCsrfOf } from './console-sessions.ts';
import { mustBeOwnPage } from './own-page.ts';
import { pageAnswer } from './page-answer.ts';
import type { PageFile } from './page-files.ts';
import { type Reached, reachedBy, readCookie } from './session-cookie.ts';
import { insecure, tooManyAttempts } from './session-failures.ts';
import type { SessionPage } from './session-page.ts';
import { identityOf } from './sign-in.ts';

export interface HttpEntryOptions {
  readonly table: Pick<ApiTable, 'find'>;
  readonly session: SessionPage;
  readonly sessions: ConsoleSessions;
  readonly attempts: Attempts;
  readonly gateway: () => GatewaySection;
  readonly logger: Logger;
}

const PAGES = '/console/';
const API = '/console/api/';

/**
 * The console as it is reached over the gateway's own listener: by sessions of browsers, and by admin keys of scripts.
 *
 * @param api - Answers what is asked of the API.
 * @param readPages - Called when somebody asks for the first of them.
 */
export function consoleRoutes(
  api: (asked: PageRequest) => Promise<'answered'>,
  readPages: () => Promise<ReadonlyMap<string, PageFile>>,
): readonly PageRoute[] {
  let pages: Promise<ReadonlyMap<string, PageFile>> | undefined;
  const page = async ({ path, request }: PageRequest): Promise<HttpAnswer> => {
    pages ??= readPages();
    return pageAnswer(await pages, path.slice(PAGES.length), request);
  };
  const toConsole = (): HttpAnswer => ({ status: 308, headers: { location: PAGES, 'cache-control': 'no-store' } });
  const toConsoleFromRoot = (): HttpAnswer => ({ ...toConsole(), status: 302 });
  return [
    { path: '/', access: 'anybody', when: wantsPage, handle: toConsoleFromRoot },
    { path: '/console', access: 'anybody', hasCors: false, handle: toConsole },
    { path: API, access: 'anybody', hasCors: false, handle: api },
    { path: PAGES, access: 'anybody', hasCors: false, handle: page },
  ];
}

/** A browser that was given the bare address, and no client of MCP. */
function wantsPage({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.accept?.includes('text/html') === true;
}

/** Answers what is asked of the API, where who asks is signed in or has an admin key. */
export async function answerConsole(
  { path, request, response, caller }: PageRequest,
  options: HttpEntryOptions,
): Promise<'answered'> {
  const { table, session, gateway, logger } = options;
  const below = path.slice(API.length);
  try {
    const reached = reachedBy(request, gateway());
    if (below === 'session') {
      await session.answer(request, response, reached);
      return 'answered';
    }
    if (below === 'session/provider') {
      await session.begin(request, response, reached);
      return 'answered';
    }
    const visitor = visitorOf(request, caller, reached, options);
    const { handler, params } = table.find(request.method ?? 'GET', below);
    const query = new URL(request.url ?? '', 'http://gateway').searchParams;
    await answerApi(handler, { params, query, visitor, request, response }, logger);
  } catch (error) {
    writeFailure(response, error, logger);
  }
  return 'answered';
}

/** @throws ApiFailure where nobody is signed in, or something speaks against its being them who ask. */
function visitorOf(
  request: IncomingMessage,
  caller: Principal | undefined,
  reached: Reached | undefined,
  { sessions, attempts, gateway }: HttpEntryOptions,
): Visitor {
  if (hasCredential(request)) {
    return byKey(request, caller, attempts, clientAddress(request, gateway().trustedProxies));
  }
  const id = reached && readCookie(request, reached.cookie);
  const used = sessions.use(id);
  if (!used || !reached) throw notSignedIn(reached);
  const { session, identity } = used;
  mustBeOwnPage(request, reached);
  if (request.method !== 'GET' && !isCsrfOf(session, request.headers['x-lockgate-csrf'])) {
    throw new ApiFailure(403, 'CSRF', 'The header x-lockgate-csrf is missing, or of another session', {
      remedy: 'Send what GET session says under "csrf"',
    });
  }
  return { ...identity, via: 'session', key: session.key, still: () => sessions.identityOf(session) };
}

/** A key in a header comes from no page by itself: nothing else has to be shown. */
function byKey(
  { headers }: IncomingMessage,
  caller: Principal | undefined,
  attempts: Attempts,
  address: string,
): Visitor {
  const credential = String(headers['x-api-key'] ?? headers.authorization?.replace(/^\w+\s+/, ''));
  const wait = attempts.waitSeconds(address, credential);
  if (wait > 0) throw tooManyAttempts(wait);
  if (!caller || caller.how === 'none') {
    attempts.failed(address, credential);
    throw new ApiFailure(401, 'WRONG_KEY', 'The credential is not known');
  }
  const identity = identityOf(caller);
  attempts.right(credential);
  return { ...identity, via: 'key', key: `key:${identity.name}`, still: () => identity };
}

function hasCredential({ headers }: IncomingMessage): boolean {
  return headers.authorization !== undefined || headers['x-api-key'] !== undefined;
}

function notSignedIn(reached: Reached | undefined): ApiFailure {
  return reached ? new ApiFailure(401, 'NOT_SIGNED_IN', 'Nobody is signed in, or no longer') : insecure();
}
