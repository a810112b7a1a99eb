import { LockgateError } from '@lockgate/abi/without-guests';
import { type Diagnosis, sentenceOf } from './diagnosis.ts';
import { type RefusalHints, refusedStatus } from './refused-status.ts';
import { shortened } from './shortened.ts';

abstract class GatewayError<Facts> extends LockgateError {
  readonly facts: Facts;

  constructor(message: string, facts: Facts, options?: ErrorOptions) {
    super(message, options);
    this.facts = facts;
  }
}

/** No server or plugin of the endpoint has a tool or prompt of this name, or is of this name. */
export class UnknownNameError extends GatewayError<{
  kind: 'tool' | 'prompt' | 'resource' | 'server';
  asked: string;
  nearest?: readonly string[];
}> {
  override readonly name = 'UnknownNameError';
  readonly code = 'GATEWAY_UNKNOWN_NAME';

  /** @param facts.nearest - Names that were perhaps meant. @default none is told */
  constructor(facts: {
    kind: 'tool' | 'prompt' | 'resource' | 'server';
    asked: string;
    nearest?: readonly string[];
  }) {
    const hint = facts.nearest?.length ? ` Did you mean ${facts.nearest.join(' or ')}?` : '';
    super(`Unknown ${facts.kind}: ${shortened(facts.asked)}.${hint}`, facts);
  }
}

/** Nobody has approved what the server offers under this name, or it has changed since. Nothing was carried out. */
export class ToolWithheldError extends GatewayError<{
  kind: 'tool' | 'prompt';
  asked: string;
  server: string;
  because: 'new' | 'changed' | 'ambiguous';
}> {
  override readonly name = 'ToolWithheldError';
  readonly code = 'GATEWAY_WITHHELD';

  constructor(facts: {
    kind: 'tool' | 'prompt';
    asked: string;
    server: string;
    because: 'new' | 'changed' | 'ambiguous';
  }) {
    const { kind, asked, server, because } = facts;
    const why = {
      new: 'nobody has approved it yet',
      changed: 'it has changed since it was approved',
      ambiguous: 'it is offered twice, or its definition has a key twice',
    }[because];
    super(
      `The ${kind} ${asked} of server "${server}" is withheld: ${why}. Nothing was called. Whoever runs the gateway sees and approves it with: lockgate pins.`,
      facts,
    );
  }
}

interface UnavailableFacts {
  readonly server: string;
  readonly state: string;
  readonly reason?: string;
  /** @default 'mcp' */
  readonly kind?: 'plugin' | 'mcp';
}

/** The server behind the gateway cannot be reached now: it is being restarted in the background, or is a guest that cannot be loaded as it is. */
export class UpstreamUnavailableError extends GatewayError<UnavailableFacts> {
  override readonly name = 'UpstreamUnavailableError';
  readonly code = 'GATEWAY_UPSTREAM_UNAVAILABLE';

  constructor(facts: UnavailableFacts, options?: ErrorOptions) {
    super(unavailable(facts), facts, options);
  }
}

function unavailable({ server, state, reason, kind }: UnavailableFacts): string {
  const why = reason ? ` (${reason})` : '';
  const named = `${kind === 'plugin' ? 'Plugin' : 'Server'} "${server}"`;
  if (state === 'not loaded')
    return `${named} could not be loaded${why}. Whoever runs the gateway has to mend that, and sees how with: lockgate doctor. It is served again once that is done.`;
  if (kind === 'plugin' && state === 'restarting')
    return `${named} could not be loaded${why}. It is tried again by itself, since that may pass: try later. Where it does not, whoever runs the gateway sees more with: lockgate doctor.`;
  return `${named} is ${state}${why}. Its tools come back by themselves; try later.`;
}

/** A guest cannot be loaded as its file and its entry are: it is worth another attempt once one of them is another. */
export class NotLoadedError extends Error {
  /**
   * @param cause - What has come of the attempt.
   * @param found - What a look at the file has found, which is told in its place.
   */
  constructor(cause: Error, found?: Diagnosis) {
    super(found === undefined ? cause.message : sentenceOf(found), { cause });
    Object.assign(this, found);
  }
}

/** The connection to the server ended while it worked on the request. */
export class UpstreamLostError extends GatewayError<{ server: string; method: string; reason?: string }> {
  override readonly name = 'UpstreamLostError';
  readonly code = 'GATEWAY_UPSTREAM_LOST';

  constructor(facts: { server: string; method: string; reason?: string }, options?: ErrorOptions) {
    const reason = facts.reason ? ` (${facts.reason})` : '';
    super(
      `Server "${facts.server}" went away while it answered "${facts.method}"${reason}; whether it was carried out is unknown.`,
      facts,
      options,
    );
  }
}

/** The server answered the HTTP request itself with an error, before any MCP message. */
export class UpstreamRefusedError
  extends GatewayError<{ server: string; status: number } & RefusalHints>
  implements Diagnosis
{
  override readonly name = 'UpstreamRefusedError';
  readonly code = 'GATEWAY_UPSTREAM_REFUSED';
  readonly problem: string;
  readonly remedy: string;

  constructor(facts: { server: string; status: number } & RefusalHints, options?: ErrorOptions) {
    const { meaning, remedy } = refusedStatus(facts.status, facts);
    const problem = `Server "${facts.server}" answered with HTTP status ${facts.status}${meaning}`;
    super(`${sentenceOf({ problem, remedy })}.`, facts, options);
    this.problem = problem;
    this.remedy = remedy;
  }
}

/** The session at the server has expired. Nothing was carried out; the gateway opens another and sends the request again. */
export class SessionExpiredError extends GatewayError<{ server: string }> {
  override readonly name = 'SessionExpiredError';
  readonly code = 'GATEWAY_SESSION_EXPIRED';

  constructor(facts: { server: string }) {
    super(`The session at server "${facts.server}" has expired and could not be renewed; try again.`, facts);
  }
}

/** The server answered with something that is no JSON-RPC message, or none that answers the request; nothing of it was passed on. */
export class UpstreamFaultError extends GatewayError<{
  server: string;
  method: string;
  isMessage?: boolean;
  problem?: string;
}> {
  override readonly name = 'UpstreamFaultError';
  readonly code = 'GATEWAY_UPSTREAM_FAULT';

  /**
   * @param facts.isMessage - Whether it was a message, which answers no request or another one. @default false
   * @param facts.problem - A sentence that says what is wrong with it. @default none
   */
  constructor(
    facts: { server: string; method: string; isMessage?: boolean; problem?: string },
    options?: ErrorOptions,
  ) {
    const what = facts.isMessage ? 'a message that is no answer to it' : 'something that is no JSON-RPC message';
    super(
      `Server "${facts.server}" answered "${facts.method}" with ${what}. ` +
        `${facts.problem === undefined ? '' : `${facts.problem} `}` +
        'Whether it was carried out is unknown; tell the author of the server.',
      facts,
      options,
    );
  }
}

/** The server did not answer within the deadline of one request. */
export class DeadlineError extends GatewayError<{ server: string; method: string; timeoutMs: number }> {
  override readonly name = 'DeadlineError';
  readonly code = 'GATEWAY_DEADLINE';

  constructor(facts: { server: string; method: string; timeoutMs: number }) {
    super(
      `Server "${facts.server}" did not answer "${facts.method}" within ${facts.timeoutMs} ms. Raise its "callTimeoutMs".`,
      facts,
    );
  }
}

/** The server failed several times in a row, so calls are refused until a probe has succeeded. */
export class BreakerOpenError extends GatewayError<{ server: string; failures: number; retryInMs: number }> {
  override readonly name = 'BreakerOpenError';
  readonly code = 'GATEWAY_BREAKER_OPEN';

  constructor(facts: { server: string; failures: number; retryInMs: number }) {
    super(
      `Server "${facts.server}" failed ${facts.failures} times in a row; calls are refused for ${facts.retryInMs} ms more.`,
      facts,
    );
  }
}

/** As many private connections to one server are open as may be. */
export class ConnectionLimitError extends GatewayError<{ server: string; limit: number }> {
  override readonly name = 'ConnectionLimitError';
  readonly code = 'GATEWAY_CONNECTION_LIMIT';

  constructor(facts: { server: string; limit: number }) {
    super(`Server "${facts.server}" already serves ${facts.limit} clients that need a connection of their own.`, facts);
  }
}

/** The gateway takes no new work because it is closing. */
export class GatewayClosedError extends LockgateError {
  override readonly name = 'GatewayClosedError';
  readonly code = 'GATEWAY_CLOSED';

  constructor() {
    super('The gateway is closing and takes no new work.');
  }
}

/** The client of a pipe has read nothing for a while of more than may wait for it, and was given up. */
export class ClientUnreadError extends LockgateError {
  override readonly name = 'ClientUnreadError';
  readonly code = 'GATEWAY_CLIENT_UNREAD';

  constructor() {
    super(
      'The client on stdout has read nothing for 10 s of more than 256 MiB of answers, and was given up: its calls are lost. Let it read while it calls, or ask for less at once.',
    );
  }
}

/** The client asks for something that the state of its own request does not allow. */
export class BadRequestError extends LockgateError {
  override readonly name = 'BadRequestError';
  readonly code = 'GATEWAY_BAD_REQUEST';
}

/** What the system's reasons mean, where it is not to be listened on. */
const WHY_NOT_LISTENING: Readonly<Record<string, Diagnosis>> = {
  EADDRINUSE: { problem: 'something else does', remedy: 'end that, or choose another "gateway.listen"' },
  EACCES: { problem: 'this user may not', remedy: 'choose a port from 1024 on in "gateway.listen"' },
  EADDRNOTAVAIL: {
    problem: 'the address is none of this machine',
    remedy: 'write one of its addresses in "gateway.listen", or 127.0.0.1',
  },
  ENOTFOUND: { problem: 'the name cannot be resolved', remedy: 'write an address in "gateway.listen", or localhost' },
};

/** The address is taken or cannot be listened on. */
export class ListenError extends GatewayError<{ host: string; port: number; reason: string }> implements Diagnosis {
  override readonly name = 'ListenError';
  readonly code = 'GATEWAY_LISTEN';
  readonly problem: string;
  readonly remedy: string;

  constructor(facts: { host: string; port: number; reason: string }, options?: ErrorOptions) {
    const why = WHY_NOT_LISTENING[facts.reason];
    const problem = `cannot listen on ${facts.host}:${facts.port}: ${why ? `${why.problem} (${facts.reason})` : facts.reason}`;
    const remedy = why?.remedy ?? 'choose another "gateway.listen"';
    super(sentenceOf({ problem, remedy }), facts, options);
    this.problem = problem;
    this.remedy = remedy;
  }
}

/** Arguments do not fit the schema of the tool they are for; nothing was called. */
export class ToolArgumentsError extends GatewayError<{ tool: string; problems: readonly string[] }> {
  override readonly name = 'ToolArgumentsError';
  readonly code = 'GATEWAY_TOOL_ARGUMENTS';

  /** @param facts.parameters - A sentence that lists what the tool takes. */
  constructor({ parameters, ...facts }: { tool: string; problems: readonly string[]; parameters: string }) {
    const problems = facts.problems.join('; ');
    super(`Wrong arguments for ${facts.tool}: ${problems}${problems.endsWith('?') ? '' : '.'} ${parameters}`, facts);
  }
}

/** The server wants a login that there is not: nobody has logged in, or it has ended. Whoever can make a link turns it into GATEWAY_LOGIN_REQUIRED. */
export class LoginNeededError extends GatewayError<{ server: string; why: string }> {
  override readonly name = 'LoginNeededError';
  readonly code = 'GATEWAY_LOGIN_NEEDED';

  constructor(facts: { server: string; why: string }) {
    super(`it needs a login: ${facts.why}`, facts);
  }
}

/** Somebody has to log in to the server, in a browser. */
export class LoginRequiredError extends GatewayError<{ server: string; link?: string }> {
  override readonly name = 'LoginRequiredError';
  readonly code = 'GATEWAY_LOGIN_REQUIRED';

  /** @param facts.otherwise - What to do where there is no link. */
  constructor({ otherwise, ...facts }: { server: string; link?: string; otherwise?: string }) {
    const way =
      facts.link === undefined
        ? (otherwise ?? `run "lockgate connect ${facts.server}"`)
        : `open ${facts.link} in a browser to log in`;
    super(`Server "${facts.server}" needs a login: ${way}, then call again.`, facts);
  }
}

/** There is a login, but it cannot be renewed now. It is kept. */
export class LoginUnavailableError extends GatewayError<{ server: string; reason: string }> {
  override readonly name = 'LoginUnavailableError';
  readonly code = 'GATEWAY_LOGIN_UNAVAILABLE';

  constructor(facts: { server: string; reason: string }, options?: ErrorOptions) {
    super(
      `The login to server "${facts.server}" cannot be renewed now (${facts.reason}); it is kept. Try later.`,
      facts,
      options,
    );
  }
}

/** Whether it is the gateway's own credential that is in the way, and neither the server nor the way to it. */
export function isOfLogin(error: unknown): error is LoginNeededError | LoginUnavailableError {
  return error instanceof LoginNeededError || error instanceof LoginUnavailableError;
}
