import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../../', import.meta.url).pathname;

/** The built gateway as a process of its own, and what can be seen of it from outside. */
export class GatewayProcess {
  #child;
  #exited;
  url = '';

  constructor(folder) {
    const program = join(root, 'packages/gateway/dist/main.js');
    const probe = new URL('loop-probe.mjs', import.meta.url).href;
    this.#child = spawn(
      process.execPath,
      ['--import', probe, program, 'serve', '--config', join(folder, 'lockgate.json')],
      {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      },
    );
    this.#exited = once(this.#child, 'exit').then(([code, signal]) => ({ code, signal }));
    this.#child.stderr.pipe(createWriteStream(join(folder, 'gateway.stderr')));
  }

  /** Resolves when it listens. */
  async listening() {
    let said = '';
    for await (const chunk of this.#child.stderr.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      said += chunk;
      const url = /http:\/\/127\.0\.0\.1:\d+\/mcp\b/.exec(said)?.[0];
      if (!url) continue;
      this.url = url;
      return;
    }
    throw new Error(`the gateway did not come up:\n${said}`);
  }

  get exited() {
    return this.#exited;
  }

  /** Samples of the event loop since the last question, in milliseconds. */
  async eventLoop() {
    const answer = once(this.#child, 'message');
    this.#child.send('event loop?');
    const [samples] = await answer;
    return samples;
  }

  /** Metrics without labels, by name. */
  async metrics() {
    const response = await fetch(new URL('/metrics', this.url));
    const lines = (await response.text()).split('\n');
    return Object.fromEntries(lines.filter((line) => /^[a-z_]+ [\d.e+]+$/.test(line)).map((line) => line.split(' ')));
  }

  /** Every plugin, server and guard with its state. */
  async health() {
    return (await (await fetch(new URL('/health', this.url))).json()).entries;
  }

  /** Processes that it has started and that still are: by itself, or by the process that does so for it, which is none of them. */
  children() {
    const found = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    const own = found.filter((name) => parentOf(name) === this.#child.pid);
    const starting = own.filter((name) => commandOf(name).includes('spawner-entry'));
    const theirs = found.filter((name) => starting.includes(`${parentOf(name)}`));
    return own.length - starting.length + theirs.length;
  }

  signal(name) {
    this.#child.kill(name);
  }
}

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it has ended meanwhile
  }
}

function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined; // it has ended meanwhile
  }
}
