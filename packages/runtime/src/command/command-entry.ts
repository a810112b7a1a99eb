import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { faultOf, GuestExit } from '../fault.ts';
import { AddressPolicy } from '../host/address-policy.ts';
import { refusedRequest } from '../host/refused-request.ts';
import { threadNumber } from '../isolate/thread-number.ts';
import { memoryProblem } from '../memory-problem.ts';
import { ByteRing } from './byte-ring.ts';
import { type CommandMessage, type CommandSetup, ControlWord } from './command-setup.ts';
import { componentProgram } from './component-program.ts';
import { HeardRing } from './heard-ring.ts';
import { httpAnswers } from './http-answers.ts';
import { moduleProgram } from './module-program.ts';
import type { Program, ProgramSetup } from './program.ts';
import { waitingIn } from './waiting.ts';

const PAGE_BYTES = 65_536;

const { code, memoryCeilingBytes, args, env, storage, hasKeyValue, mostRequests, hosts, ...shared } =
  workerData as CommandSetup;
const control = new Int32Array(shared.control);
const port = parentPort as MessagePort;
const post = (message: CommandMessage): void => port.postMessage(message);

const rings = {
  stdin: new ByteRing(shared.stdin),
  stdout: new ByteRing(shared.stdout),
  stderr: new HeardRing(shared.stderr),
};
const setup: ProgramSetup = {
  ...{ args, env, storage, hasKeyValue, memoryCeilingBytes, rings },
  waiting: waitingIn(control, () =>
    Atomics.store(control, ControlWord.memoryPages, Math.ceil(program.memoryBytes / PAGE_BYTES)),
  ),
  tell: (pipe) => {
    if (rings[pipe].ring()) post(pipe);
  },
};
const policy = new AddressPolicy(hosts);
const program: Program =
  code instanceof WebAssembly.Module
    ? moduleProgram(code, setup)
    : componentProgram(
        code,
        setup,
        httpAnswers(
          port,
          post,
          mostRequests,
          (request) => refusedRequest(policy, request),
          (byteLength) => void Atomics.sub(control, ControlWord.answerBytes, byteLength),
        ),
      );

/** What a failure has beside it that speaks for want of memory. */
function forWantOfMemory(): { readonly memoryProblem?: string } {
  const { memoryBytes } = program;
  const problem = memoryProblem({ memoryBytes, ceilingBytes: memoryCeilingBytes, lastWords: rings.stderr.tail });
  return problem === undefined ? {} : { memoryProblem: problem };
}

function run(): CommandMessage {
  try {
    Atomics.store(control, ControlWord.threadNumber, threadNumber());
    Atomics.store(control, ControlWord.isWaiting, 0);
    const start = program.link();
    post('linked');
    const exitCode = start();
    return { exitCode, ...(exitCode !== 0 && forWantOfMemory()) };
  } catch (error) {
    if (error instanceof GuestExit) {
      const { exitCode } = error;
      return { exitCode, ...(exitCode !== 0 && forWantOfMemory()) };
    }
    if (error instanceof WebAssembly.LinkError) return { unlinked: error.message };
    const { message, stack } = faultOf(error);
    return { trap: message, stack, ...forWantOfMemory() };
  } finally {
    program.close();
  }
}

post(run());
