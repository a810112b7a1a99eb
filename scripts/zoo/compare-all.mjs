import { exerciseServer } from '../../packages/gateway/test/zoo/exercise-server.ts';
import { judge } from '../../packages/gateway/test/zoo/judge.ts';
import { withoutFolder } from '../../packages/gateway/test/zoo/transcript.ts';
import { configure } from './gateway.mjs';
import { programOf, startListening } from './started-server.mjs';

/** The ways of clients through the gateway. */
const WAYS = [
  { name: '2025 HTTP', era: 'legacy', client: 'http' },
  { name: '2026 HTTP', era: 'modern', client: 'http' },
  { name: '2025 stdio', era: 'legacy', client: 'pipe' },
];
const LIMIT_MS = 20_000;
const SLOW_MS = 5_000;
/** Two cores: more at once would only wait for each other. */
const AT_ONCE = 2;

/**
 * Compares servers directly with the way through one gateway that has all of them behind it.
 *
 * @param subjects - `{ server, installed }`, of servers that could be installed.
 * @returns one row for each server and each transport of it.
 */
export async function compareAll(subjects, scratch, say) {
  const rows = subjects.flatMap(({ server, installed }) =>
    ['pipe', 'http', 'sse']
      .filter((transport) => transport === 'pipe' || server[transport])
      .map((transport) => ({
        key: transport === 'pipe' ? server.id : `${server.id}-${transport}`,
        server,
        installed,
        transport,
        more: transport === 'pipe' ? server : server[transport],
        ways: [],
      })),
  );
  if (rows.length === 0) return rows;
  let done = 0;
  await inPool(rows, AT_ONCE, async (row) => {
    await direct(row, scratch, say);
    const { direct: found } = row;
    say(
      `[${++done}/${rows.length}] ${row.key}: ${row.failed ?? `${found.legacy[0].counts.tools} tools${found.modern ? ', 2026' : ''}`}`,
    );
  });
  const usable = rows.filter(({ failed }) => failed === undefined);
  for (const way of WAYS) await through(usable, way, scratch, say);
  return rows;
}

/** Both eras directly, each twice: what differs between two direct ways is the server's own doing. */
async function direct(row, scratch, say) {
  row.direct = {};
  // The oldest transport has no other era.
  for (const era of row.transport === 'sse' ? ['legacy'] : ['legacy', 'modern']) {
    const first = await onceDirectly(row, era, scratch, say);
    const [hello] = first.steps;
    if (era === 'legacy' && hello?.answer.kind !== 'result') {
      row.failed = `does not start: ${hello?.answer.text}`.slice(0, 160);
      return;
    }
    if (era === 'modern' && !speaksModern(hello)) return;
    // Clocks must not show the same second on both ways.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    row.direct[era] = [first, await onceDirectly(row, era, scratch, say)];
  }
}

function speaksModern(hello) {
  return hello?.answer.kind === 'result' && hello.answer.text.includes('"2026-07-28"');
}

async function onceDirectly(row, era, scratch, say) {
  const { server, installed, transport, more } = row;
  const folder = scratch.nextWay();
  if (transport === 'pipe') {
    return exercise(row, { kind: 'pipe', program: programOf(server, installed, folder) }, era, folder, say);
  }
  try {
    const listening = await startListening(server, installed, folder, more);
    try {
      return await exercise(row, { kind: transport, url: listening.url }, era, folder, say);
    } finally {
      listening.stop();
    }
  } catch (error) {
    return {
      steps: [{ label: 'hello', method: 'initialize', answer: { kind: 'none', text: error.message, progress: [] } }],
    };
  }
}

async function through(rows, way, scratch, say) {
  const folder = scratch.nextWay();
  const started = [];
  const mcpServers = {};
  const folders = new Map();
  try {
    await inPool(rows, AT_ONCE, async (row) => {
      const own = scratch.nextWay();
      folders.set(row, own);
      if (row.transport === 'pipe') {
        const { command, args, env, cwd } = programOf(row.server, row.installed, own);
        mcpServers[row.key] = { command, args, env, cwd, ...TIMES };
        return;
      }
      const listening = await startListening(row.server, row.installed, own, row.more).catch((error) => {
        say(`${way.name} ${row.key}: ${error.message}; left out`);
      });
      if (!listening) return;
      started.push(listening);
      mcpServers[row.key] = { type: row.transport, url: listening.url, ...TIMES };
    });
    const config = configure(folder, mcpServers);
    const gateway = way.client === 'http' ? await config.serve() : undefined;
    try {
      const down = (await gateway?.settled()) ?? new Map();
      const served = rows.filter(({ key }) => mcpServers[key]);
      for (const [index, row] of served.entries()) {
        const target = gateway
          ? { kind: 'http', url: `${gateway.url}/${row.key}` }
          : { kind: 'pipe', program: config.programFor(row.key) };
        const heard = await exercise(row, target, way.era, folders.get(row), say);
        row.ways.push({
          way: way.name,
          heard,
          reason: down.get(row.key),
          ...judge(row.direct, way.era, heard, row.server.unsteady),
        });
        const { failures } = row.ways.at(-1);
        say(
          `${way.name} [${index + 1}/${served.length}] ${row.key}: ${failures.length === 0 ? 'same' : `${failures.length} differences`}`,
        );
      }
    } finally {
      await gateway?.stop();
    }
  } finally {
    for (const { stop } of started) stop();
  }
}

const TIMES = { connectTimeoutMs: 300_000, callTimeoutMs: LIMIT_MS - 5_000 };

async function exercise({ server }, target, era, folder, say) {
  const put = (value) => JSON.parse(JSON.stringify(value).replaceAll('{scratch}', folder));
  const calls = server.calls && put(server.calls);
  const slow = slowSteps(server.id, say);
  const options = { ...(calls && { calls }), avoid: server.avoid ?? [], limitMs: LIMIT_MS, onStep: slow };
  return withoutFolder(await exerciseServer(target, era, options), folder);
}

/** Says which step took long, once it is over. */
function slowSteps(id, say) {
  let last;
  return (label) => {
    const now = performance.now();
    if (last && now - last.at > SLOW_MS) say(`${id}: ${last.label} took ${Math.round((now - last.at) / 1000)} s`);
    last = { label, at: now };
  };
}

async function inPool(items, size, work) {
  const rest = [...items];
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: size }, worker));
}
