import type { GuestLogLevel } from '@lockgate/abi';
import type { Logger } from '../logger.ts';
import type { LogSink } from './guest-log.ts';

/** Lines of one module that reach the logger within a second, warnings and errors apart from the others. */
const MAX_LINES = 100;
const WINDOW_MS = 1_000;

/**
 * Hands a guest's lines to the logger: warnings and errors as such, everything else at debug, whatever the guest calls it.
 * A guest may write what it works on, and a guard works on what others must not see. Of more than a hundred lines a second the
 * rest is counted, and the count is said.
 */
export function guestLines(logger: Logger, module: () => string): LogSink {
  const limited = { warn: limitedLines('warn'), debug: limitedLines('debug') };

  function limitedLines(kind: 'warn' | 'debug'): LogSink {
    let since = Number.NEGATIVE_INFINITY;
    let written = 0;
    let leftOut = 0;
    const sayLeftOut = (): void => {
      logger[kind]({ module: module(), lines: leftOut }, 'lines of the guest log were left out');
      leftOut = 0;
    };
    return (level, line) => {
      const now = performance.now();
      if (now - since >= WINDOW_MS) {
        since = now;
        written = 0;
      }
      if (written++ < MAX_LINES) logger[level]({ module: module(), line }, 'guest log');
      else if (leftOut++ === 0) setTimeout(sayLeftOut, WINDOW_MS).unref();
    };
  }

  return (level, line) => {
    const shown = shownLevel(level);
    limited[shown === 'debug' ? 'debug' : 'warn'](shown, line);
  };
}

function shownLevel(level: GuestLogLevel): 'debug' | 'warn' | 'error' {
  return level === 'warn' || level === 'error' ? level : 'debug';
}
