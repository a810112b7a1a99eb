import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { LockgateError } from '@lockgate/abi';
import { pino } from 'pino';
import type { GatewaySection } from '../config/gateway-section.ts';
import { createRedactor } from '../config/secrets.ts';
import type { Logger } from '../logger.ts';
import { makeFolder } from '../make-folder.ts';
import { terminalLine } from './terminal-line.ts';

export interface LoggingOptions {
  readonly level: GatewaySection['logLevel'];
  /** JSON lines go to `lockgate.log` here; without it, to the terminal alone. */
  readonly logDir?: string | undefined;
  /** Where people read: stderr, since stdout belongs to MCP and to results. */
  readonly terminal: Writable;
  readonly color: boolean;
  /** Strings that are masked in every line, whoever wrote it. */
  readonly secrets: readonly string[];
}

export interface Logging {
  readonly logger: Logger;
  /** Masks these strings from now on, beside those of before: what was secret once stays so. */
  addSecrets(secrets: readonly string[]): void;
  setLevel(level: GatewaySection['logLevel']): void;
  /** Resolves when every line is on disk. */
  close(): Promise<void>;
}

/**
 * Opens the log: readable lines on the terminal, JSON lines in `<logDir>/lockgate.log`. A folder that cannot be used
 * costs one warning and never the start.
 */
export function openLogging({ level, logDir, terminal, color, secrets }: LoggingOptions): Logging {
  const known = new Set(secrets);
  let redact = createRedactor(secrets);
  const streams: pino.StreamEntry[] = [
    { level: 'trace', stream: { write: (line: string) => void terminal.write(terminalLine(line, color)) } },
  ];

  let failure: Error | undefined;
  const fail = (error: Error): void => {
    if (failure) return;
    failure = error;
    logger.warn({ logDir, reason: error.message }, 'cannot write the log file; logging to the terminal alone');
  };
  const file = logDir === undefined ? undefined : openFile(logDir, fail);
  let closed = false;
  // Something may still have a last word after the file was closed; the terminal hears it.
  if (file) streams.push({ level: 'trace', stream: { write: (line) => void (closed || file.write(line)) } });

  const logger: pino.Logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (error: unknown) => describeError(error, level === 'debug') },
      hooks: { streamWrite: (line) => redact(line) },
    },
    pino.multistream(streams),
  );
  return {
    logger,
    setLevel(next) {
      logger.level = next;
    },
    addSecrets(more) {
      for (const secret of more) known.add(secret);
      redact = createRedactor([...known]);
    },
    close: () =>
      new Promise((resolve) => {
        if (!file || failure || closed) return resolve();
        closed = true;
        file.once('close', resolve).once('error', () => resolve());
        file.end();
      }),
  };
}

type FileStream = ReturnType<typeof pino.destination>;

function openFile(logDir: string, onFailure: (error: Error) => void): FileStream | undefined {
  try {
    makeFolder(logDir);
    return pino
      .destination({ dest: join(logDir, 'lockgate.log'), append: true, mode: 0o600, sync: false })
      .on('error', onFailure);
  } catch (error) {
    queueMicrotask(() => onFailure(error as Error));
    return undefined;
  }
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
