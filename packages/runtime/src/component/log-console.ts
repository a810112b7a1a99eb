import type { GuestLog } from '../host/guest-log.ts';
import type { Console } from './command-line.ts';
import { OutputLines } from './output-lines.ts';
import { InputStream, OutputStream } from './streams.ts';

/** A console whose input is empty, and whose output goes to a guest's log line by line. */
export class LogConsole implements Console {
  readonly #out: OutputLines;
  readonly #err: OutputLines;

  constructor(log: GuestLog) {
    this.#out = new OutputLines((line) => log.write('info', line));
    this.#err = new OutputLines((line) => log.write('info', line));
  }

  stdin(): InputStream {
    return new InputStream(() => undefined);
  }

  stdout(): OutputStream {
    return new OutputStream((bytes) => this.#out.write(bytes));
  }

  stderr(): OutputStream {
    return new OutputStream((bytes) => this.#err.write(bytes));
  }

  /** Passes on what the guest wrote without ending the line. */
  flush(): void {
    this.#out.flush();
    this.#err.flush();
  }
}
