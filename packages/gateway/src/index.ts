export type { Embed } from './catalog/search/meanings.ts';
export { ConfigError, type ConfigProblem } from './config/config-error.ts';
export type { Discovery } from './config/discovery.ts';
export { configSchema, type GatewayConfig, type LockgateFile } from './config/schema.ts';
export { ApprovalDeniedError, ApprovalError, ApprovalNeededError } from './consent/approval-error.ts';
export { PinError } from './consent/pin-error.ts';
export type { ApprovedItem, PinDesk, PinReport, WithheldItem } from './consent/pin-report.ts';
export type { ConsoleSupport } from './console/console-sources.ts';
export {
  BadRequestError,
  BreakerOpenError,
  ClientUnreadError,
  ConnectionLimitError,
  DeadlineError,
  GatewayClosedError,
  ListenError,
  SessionExpiredError,
  ToolArgumentsError,
  ToolWithheldError,
  UnknownNameError,
  UpstreamFaultError,
  UpstreamLostError,
  UpstreamRefusedError,
  UpstreamUnavailableError,
} from './errors.ts';
export {
  createGateway,
  type Gateway,
  type GatewayOptions,
} from './gateway.ts';
export type { GatewayStatus } from './gateway-status.ts';
export { CallLimitError } from './limits/call-limit-error.ts';
export { LimitReachedError } from './limits/limit-reached-error.ts';
export type { Logger } from './logger.ts';
export type { Decision, PlainLabel } from './monitor/decision.ts';
export { FlowDeniedError, GuardFailedError } from './monitor/denial.ts';
export type { GuardStatus } from './monitor/guard-status.ts';
export { FrameError } from './protocol/frame/frame-error.ts';
export type { ServeStdioOptions } from './serve-stdio-options.ts';
export type { ObjectTransport } from './session/object-client.ts';
export { StateError, type StateProblem } from './state/state-error.ts';
export type { UpstreamState, UpstreamStatus } from './upstream/upstream.ts';
