import { LockgateError } from '@lockgate/abi/without-guests';
import type { ScriptsSection } from '../config/scripts-section.ts';
import type { ScriptLimit } from './thread-messages.ts';

interface Facts {
  readonly code: string;
  readonly problem: (limits: ScriptsSection) => string;
  readonly remedy: string;
}

const FACTS: Readonly<Record<ScriptLimit, Facts>> = {
  source: {
    code: 'GATEWAY_SCRIPT_SOURCE',
    problem: ({ maxSourceBytes }) => `The script is longer than ${maxSourceBytes} bytes`,
    remedy: 'leave data out of it, or raise "gateway.scripts.maxSourceBytes"',
  },
  time: {
    code: 'GATEWAY_SCRIPT_TIME',
    problem: ({ timeoutMs }) => `The script did not end within ${timeoutMs} ms; what it had begun was cancelled`,
    remedy: 'do less in one script, or raise "gateway.scripts.timeoutMs"',
  },
  processor: {
    code: 'GATEWAY_SCRIPT_PROCESSOR',
    problem: ({ maxProcessorMs }) => `The script used more than ${maxProcessorMs} ms of processor time`,
    remedy: 'look for a loop without an end, or raise "gateway.scripts.maxProcessorMs"',
  },
  memory: {
    code: 'GATEWAY_SCRIPT_MEMORY',
    problem: ({ maxMemoryBytes }) => `The script needs more memory than ${maxMemoryBytes} bytes`,
    remedy: 'keep less at once, or raise "gateway.scripts.maxMemoryBytes"',
  },
  calls: {
    code: 'GATEWAY_SCRIPT_CALLS',
    problem: ({ maxCalls }) => `The script made more than ${maxCalls} calls`,
    remedy: 'do less in one script, or raise "gateway.scripts.maxCalls"',
  },
  output: {
    code: 'GATEWAY_SCRIPT_OUTPUT',
    problem: ({ maxOutputBytes }) => `What the script returns and logs is larger than ${maxOutputBytes} bytes`,
    remedy: 'return only what is needed, or raise "gateway.scripts.maxOutputBytes"',
  },
  waiting: {
    code: 'GATEWAY_SCRIPT_WAITING',
    problem: ({ maxRunning }) => `${maxRunning} scripts run, and too many wait for their turn`,
    remedy: 'try later, or raise "gateway.scripts.maxRunning"',
  },
};

/** A script ran into one of its limits; what it had called until then was carried out. */
export class ScriptLimitError extends LockgateError {
  override readonly name = 'ScriptLimitError';
  readonly code: string;
  readonly limit: ScriptLimit;

  constructor(limit: ScriptLimit, limits: ScriptsSection) {
    const { code, problem, remedy } = FACTS[limit];
    super(`${problem(limits)}; ${remedy}.`);
    this.code = code;
    this.limit = limit;
  }
}

/** A script threw, or is none. What it had called until then was carried out. */
export class ScriptFailedError extends LockgateError {
  override readonly name = 'ScriptFailedError';
  readonly code = 'GATEWAY_SCRIPT_FAILED';

  /** @param problem - In the words of the script or of the engine. */
  constructor(problem: string) {
    super(`The script failed: ${problem}`);
  }
}
