import type { Logger } from './logger.ts';

/** A logger that says an error once as long as it stays the same, for what is tried again and again. The other levels pass. */
export function saidOnce(logger: Logger): Logger {
  let last = '';
  return {
    debug: (facts, text) => logger.debug(facts, text),
    info: (facts, text) => logger.info(facts, text),
    warn: (facts, text) => logger.warn(facts, text),
    error(facts, text) {
      const said = JSON.stringify([text, facts]);
      if (said !== last) logger.error(facts, text);
      last = said;
    },
  };
}
