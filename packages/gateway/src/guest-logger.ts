import type { Logger } from './logger.ts';

/**
 * The logger of guests. What a plugin behind a guard writes may be what the guard withholds: its own lines are at debug, whatever it calls them, as those of
 * programs are.
 *
 * @param isGuarded - Whether a guard says of this plugin's words who may know them.
 */
export function guestLogger(logger: Logger, isGuarded: (plugin: string) => boolean): Logger {
  const told =
    (level: 'warn' | 'error') =>
    (fields: object, message: string): void => {
      // Whatever the runtime itself says of a guest has no line in it.
      const isOwnLine = 'line' in fields && 'module' in fields && isGuarded(String(fields.module));
      logger[isOwnLine ? 'debug' : level](fields, message);
    };
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: told('warn'),
    error: told('error'),
  };
}
