/**
 * What `/console/api/*` answers, and what it is asked: the contract between the console's pages, scripts, the command line, and
 * the gateway. Types alone, which import types alone. All times are milliseconds since 1970, all durations milliseconds, all sizes bytes; members are
 * only ever added.
 *
 * | asked                                          | role     | body                | answer                 |
 * | ---------------------------------------------- | -------- | ------------------- | ---------------------- |
 * | GET session                                    | anybody  |                     | SessionState           |
 * | POST session                                   | anybody  | SignIn              | SignedIn               |
 * | DELETE session                                 | viewer   |                     | SignedOut              |
 * | POST session/provider                          | anybody  | ProviderSignIn      | ProviderSignInBegun    |
 * | POST sign-in-link (admin socket only)          | operator |                     | SignInLink             |
 * | GET overview                                   | viewer   |                     | Overview               |
 * | GET upstreams                                  | viewer   |                     | UpstreamList           |
 * | GET upstreams/:name                            | viewer   |                     | UpstreamDetail         |
 * | POST upstreams/:name/:action                   | operator |                     | UpstreamActionAnswer   |
 * | GET tools                                      | viewer   |                     | ToolList               |
 * | POST call                                      | operator | CallRequest         | CallAnswer             |
 * | GET calls ?CallFilter                          | viewer   |                     | CallList               |
 * | GET calls/:id                                  | viewer   |                     | CallDetail             |
 * | GET pins                                       | viewer   |                     | PinReport              |
 * | POST pins/approve                              | operator | PinApproval         | PinReport              |
 * | POST pins/forget                               | operator | PinForgetting       | PinReport              |
 * | GET approvals                                  | viewer   |                     | ApprovalList           |
 * | POST approvals/:id/:verdict (approve or deny)  | operator |                     | WaitingApproval        |
 * | GET access                                     | viewer   |                     | Access                 |
 * | POST access/explain                            | viewer   | AccessQuestion      | AccessAnswer           |
 * | GET policy                                     | viewer   |                     | Policy                 |
 * | POST policy/explain                            | viewer   | ExplainRequest      | ExplainedDecision      |
 * | POST policy/try                                | operator | TryRequest          | TryAnswer              |
 * | GET configuration                              | viewer   |                     | Configuration          |
 * | POST configuration/check                       | operator | ConfigurationText   | ConfigurationVerdict   |
 * | PUT configuration (where it is allowed)        | operator | ConfigurationChange | ConfigurationApplied   |
 * | POST configuration/reload                      | operator |                     | ConfigurationReloaded  |
 * | GET connections                                | viewer   |                     | ConnectionList         |
 * | POST connections/disconnect                    | operator | Disconnect          | Disconnected           |
 * | POST connections/begin (admin socket only)     | operator | BeginConnection     | ConnectionBegun        |
 * | POST connections/finish (admin socket only)    | operator | FinishConnection    | ConnectionMade         |
 * | GET log ?LogFilter                             | viewer   |                     | LogPage                |
 * | GET events ?EventFilter                        | viewer   |                     | server-sent events     |
 *
 * An error has the body {@link ApiError}. What changes something needs, of a session, the header `x-lockgate-csrf` with
 * {@link SignedIn.csrf}, `Content-Type: application/json` where there is a body, and the gateway's own `Origin`. Scripts send
 * `Authorization: Bearer <admin key>` instead and need neither.
 *
 * A sign-in link is `<base>/console/#sign-in=<token>`: what stands behind `#` reaches no server and no log. The page posts the
 * token as {@link SignIn} and takes it out of the address.
 */
export type { ConfigurationDifference, EntryDifference } from '../config/configuration-difference.ts';
export type {
  Access,
  AccessAnswer,
  AccessPatterns,
  AccessPatternsOfKinds,
  AccessPrincipal,
  AccessProfile,
  AccessQuestion,
  AccessRole,
} from './api/access-types.ts';
export type { ApprovalList, WaitingApproval } from './api/approval-types.ts';
export type { ApiError, Role } from './api/base-types.ts';
export type { Call, CallDetail, CallFilter, CallList, Verdict } from './api/call-types.ts';
export type {
  Configuration,
  ConfigurationApplied,
  ConfigurationChange,
  ConfigurationProblem,
  ConfigurationReloaded,
  ConfigurationText,
  ConfigurationVerdict,
} from './api/configuration-types.ts';
export type {
  BeginConnection,
  Connection,
  ConnectionBegun,
  ConnectionList,
  ConnectionMade,
  Disconnect,
  Disconnected,
  FinishConnection,
} from './api/connection-types.ts';
export type { EventFilter, Events } from './api/event-types.ts';
export type { LogFilter, LogLevel, LogLine, LogPage } from './api/log-types.ts';
export type {
  Attention,
  CallCounts,
  GuardState,
  Overview,
  PluginVersions,
  Tick,
  UpstreamAction,
  UpstreamActionAnswer,
  UpstreamDetail,
  UpstreamList,
  UpstreamSummary,
} from './api/overview-types.ts';
export type { ApprovedItem, PinApproval, PinForgetting, PinnedItem, PinReport, WithheldItem } from './api/pin-types.ts';
export type {
  Agent,
  DecisionFacts,
  ExplainedDecision,
  ExplainRequest,
  Labels,
  MayWrite,
  Policy,
  PolicyServer,
  Reading,
  TryAnswer,
  TryRequest,
} from './api/policy-types.ts';
export type {
  ProviderSignIn,
  ProviderSignInBegun,
  SessionState,
  SignedIn,
  SignedOut,
  SignIn,
  SignInLink,
} from './api/session-types.ts';
export type { CallAnswer, CallRequest, Tool, ToolList } from './api/tool-types.ts';
