// The optimiser's own process: nothing else runs here, so V8's flags may be switched. Started by optimizer.ts with a
// job as its argument and the bytes as its standard input; once more by itself, to see the result load.
import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { cacheKeys, sameEnvironment } from './cache-key.ts';
import { childArguments } from './child-arguments.ts';
import { type CodeSerializer, findCodeSerializer } from './code-serializer.ts';
import { thisUser } from './directory.ts';
import { decodeHead, encodeHead, HEAD_BYTES } from './entry.ts';
import { realFileSystem } from './file-system.ts';
import { FsStore } from './fs-store.ts';
import { optimize } from './optimize.ts';
import { OPTIMIZER_EXITS as EXIT, exitOf, type OptimizerJob } from './optimizer-job.ts';

const [text = '', written] = process.argv.slice(2);
const job = JSON.parse(text) as OptimizerJob;
const found = findCodeSerializer();
if (!('serializer' in found)) process.exit(EXIT.noAddon);
const { serializer } = found;
serializer.limit(job.limitSeconds, job.limitBytes);
yieldToOthers();
const wire = readInput(0, job.wasmBytes);
if (hash('sha256', wire) !== job.wasm) process.exit(EXIT.otherBytes);
process.exit(written === undefined ? await makeEntry(serializer) : verify(serializer, written));

async function makeEntry(serializer: CodeSerializer): Promise<number> {
  const profile = job.profileBytes > 0 ? readInput(job.wasmBytes, job.profileBytes) : null;
  if (!sameEnvironment(cacheKeys(serializer).environment(), job.environment)) return EXIT.otherEnvironment;
  const result = optimize(serializer, wire, profile);
  if (result === null) return EXIT.nothingToKeep;
  const { code, kind } = result;
  if (HEAD_BYTES + code.byteLength > job.maxEntryBytes) return EXIT.tooLarge;
  const { user, system } = process.cpuUsage();
  const { wasm, wasmBytes, environment, generation, looks, profileBytes: learnedBytes } = job;
  const costMs = Math.round((user + system) / 1000);
  const description = { wasm, wasmBytes, environment, kind, generation, costMs, looks, learnedBytes };
  const head = encodeHead(description, code, (bytes) => serializer.checksum(bytes));
  const store = new FsStore({ directory: job.directory, fs: realFileSystem, user: thisUser() });
  let candidate: 'not loaded' | 'refused' | 'verified' = 'not loaded';
  try {
    await store.put(job.entryName, [head, code], {
      inspect: (path) => {
        candidate = loadsInFreshProcess(path) ? 'verified' : 'refused';
        if (candidate === 'refused') throw new Error('not revivable');
      },
    });
    return EXIT.written;
  } catch (error) {
    return exitOf(error, candidate, job.directory);
  }
}

function loadsInFreshProcess(path: string): boolean {
  const program = [...childArguments(process.execArgv), fileURLToPath(import.meta.url), text, path];
  return spawnSync(process.execPath, program, { stdio: ['inherit', 'ignore', 'ignore'] }).status === 0;
}

function verify(serializer: CodeSerializer, path: string): number {
  const fd = openSync(path, 'r');
  try {
    const start = Buffer.alloc(HEAD_BYTES);
    readSync(fd, start, 0, HEAD_BYTES, 0);
    const head = decodeHead(start, fstatSync(fd).size, (bytes) => serializer.checksum(bytes));
    if (typeof head === 'string') return EXIT.notRevivable;
    const { payloadBytes, payloadChecksum } = head;
    const module = serializer.loadFile(wire, fd, HEAD_BYTES, payloadBytes, payloadChecksum);
    return typeof module === 'string' ? EXIT.notRevivable : EXIT.written;
  } finally {
    closeSync(fd);
  }
}

// The input is a file without a name, whose position this process shares with others: read by place, not in turn.
function readInput(from: number, byteLength: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteLength);
  for (let done = 0; done < byteLength; ) {
    const read = readSync(0, bytes, done, byteLength - done, from + done);
    if (read === 0) process.exit(EXIT.otherBytes);
    done += read;
  }
  return bytes;
}

// On Linux a priority belongs to a thread, and V8's are running by now.
function yieldToOthers(): void {
  try {
    for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), constants.priority.PRIORITY_LOW);
  } catch {
    setPriority(0, constants.priority.PRIORITY_LOW);
  }
}
