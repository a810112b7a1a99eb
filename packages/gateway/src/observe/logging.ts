import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { LockgateError } from '@lockgate/abi/without-guests';
import { pino } from 'pino';
import type { GatewaySection } from '../config/gateway-section.ts';
import { SecretMask } from '../config/secret-mask.ts';
import type { Redact } from '../config/secrets.ts';
import type { Logger } from '../logger.ts';
import { AppendFile, type Rotation } from './append-file.ts';
import { LineWriter } from './line-writer.ts';
import { LogRing } from './log-ring.ts';
import { terminalLine } from './terminal-line.ts';

export interface LoggingOptions {
  readonly level: GatewaySection['logLevel'];
  /** Where several processes serve together: the number of this one, and who takes its lines in place of terminal and file. */
  readonly worker?: { readonly number: number; readonly send: (line: string) => void } | undefined;
  /** JSON lines go to `lockgate.log` here; without it, to the terminal alone. */
  readonly logDir?: string | undefined;
  readonly rotation?: Rotation | undefined;
  /** Where people read: stderr, since stdout belongs to MCP and to results. */
  readonly terminal: Writable;
  readonly color: boolean;
  /** Strings that are masked in every line, whoever wrote it. */
  readonly secrets: readonly string[];
}

export interface Logging {
  readonly logger: Logger;
  /** Masks the same strings in what is told elsewhere. */
  readonly redact: Redact;
  /** The last lines, secrets masked. */
  readonly recent: LogRing;
  /** Masks these strings from now on, beside those of before: what was secret once stays so. */
  addSecrets(secrets: readonly string[]): void;
  /** Takes a line that another process has made. */
  relay(line: string): void;
  setLevel(level: GatewaySection['logLevel']): void;
  /** Goes on in what is under the file's name now: somebody has moved the file away. */
  reopen(): void;
  /** Resolves when every line is on disk. */
  close(): Promise<void>;
}

/**
 * Opens the log: readable lines on the terminal, JSON lines in `<logDir>/lockgate.log`. A folder that cannot be used
 * costs one warning and never the start.
 */
export function openLogging({ level, worker, logDir, rotation, terminal, color, secrets }: LoggingOptions): Logging {
  const mask = new SecretMask(secrets);
  const recent = new LogRing();
  const takers: ((line: string) => void)[] = [
    worker?.send ?? ((line) => void terminal.write(terminalLine(line, color))),
    (line) => recent.add(line),
  ];

  const onFailure = ({ message: reason }: Error): void =>
    logger.warn({ logDir, reason }, 'the log file cannot be written; its lines are lost');
  const path = logDir === undefined || worker ? undefined : join(logDir, 'lockgate.log');
  const file = path === undefined ? undefined : new LineWriter({ sink: new AppendFile({ path, rotation }), onFailure });
  // Something may still have a last word after the file was closed; the terminal hears it.
  if (file) takers.push((line) => file.write(line));

  const logger: pino.Logger = pino(
    {
      level,
      base: worker ? { worker: worker.number } : null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (error: unknown) => describeError(error, level === 'debug') },
      hooks: { streamWrite: (line) => mask.redact(line) },
    },
    pino.multistream(takers.map((write) => ({ level: 'trace', stream: { write } }))),
  );
  return {
    logger,
    setLevel(next) {
      logger.level = next;
    },
    redact: mask.redact,
    recent,
    addSecrets: (more) => mask.add(more),
    relay: (line) => {
      for (const take of takers) take(line);
    },
    reopen: () => file?.reopen(),
    close: async () => file?.close(),
  };
}

/** Errors that are meant need no stack: their class, code and sentence say all. Others are faults, and show where. */
function describeError(error: unknown, withStack: boolean): unknown {
  if (!(error instanceof Error)) return error;
  const { name: type, message, stack } = error;
  const expected = LockgateError.isInstance(error);
  return {
    type,
    ...(expected ? { code: error.code } : {}),
    message,
    ...(withStack || !expected ? { stack } : {}),
  };
}
