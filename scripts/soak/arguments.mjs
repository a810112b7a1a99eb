import { parseArgs } from 'node:util';
import { MEMORY_MINUTES } from './judge.mjs';

const USAGE = `Usage: npm run soak -- [--minutes <number>] [--keep]

Serves clients and servers that behave and others that do not, and fails unless the gateway stays as it is.

  --minutes <number>  how long, above 0 (default: 30); below ${MEMORY_MINUTES} memory is not judged
  --keep              keep logs and configuration even where all is well
  --help              print this

Each line counts calls since the start:
  right       answers to those that behave, as they should be
  wrong       answers to those that behave, with another text
  lost        calls of those that behave without an answer
  strange     answers to calls of those that do not behave, whatever they say: no fault
  unanswered  calls of those that do not behave without an answer

Exit codes: 0 all is met, 1 something is not, 2 the command line cannot be used.
`;

/** The arguments of the command line; ends the process where they ask for help or cannot be used. */
export function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        minutes: { type: 'string', default: '30' },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    const minutes = Number(values.minutes);
    if (minutes > 0 && Number.isFinite(minutes)) return { minutes, keep: values.keep };
    process.stderr.write(`error: --minutes takes a number above 0, got "${values.minutes}"\n\n${USAGE}`);
  } catch (error) {
    process.stderr.write(`error: ${error.message}\n\n${USAGE}`);
  }
  process.exit(2);
}
