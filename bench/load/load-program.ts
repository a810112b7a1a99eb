// Makes the calls, in a process of its own: what the clients cost is then not on the account of what is measured.
import { Callers } from './callers.ts';
import type { LoadAnswer, LoadRequest, LoadRun, Opened } from './target.ts';

const opened: Callers[] = [];

process.on('disconnect', () => process.exit());
process.on('message', (request: LoadRequest) => {
  answer(request).then(
    (result) => reply({ seq: request.seq, result }),
    (error: unknown) => reply({ seq: request.seq, error: error instanceof Error ? error.message : String(error) }),
  );
});

async function answer(request: LoadRequest): Promise<Opened | LoadRun> {
  if ('open' in request) {
    const one = await Callers.open(request.open);
    opened.push(one.callers);
    return one.opened;
  }
  const callers = opened[request.run];
  if (!callers) throw new TypeError(`target ${request.run} was not opened`);
  return await callers.run(request.forMs, request.atMost);
}

function reply(message: LoadAnswer): void {
  process.send?.(message);
}
