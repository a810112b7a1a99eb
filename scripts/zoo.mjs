// `npm run zoo`: real MCP servers, each asked the same directly and through one gateway that has all of them behind it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endGroup, live } from '../packages/gateway/test/zoo/pipe-wire.ts';
import { CLIENTS } from '../packages/gateway/test/zoo/real-clients.ts';
import { showDifference } from '../packages/gateway/test/zoo/show-difference.ts';
import { root } from './dev/process.mjs';
import { compareAll } from './zoo/compare-all.mjs';
import { compareClients } from './zoo/compare-clients.mjs';
import { compatibilityPage } from './zoo/compatibility-page.mjs';
import { cache, INSTALLS_AT_ONCE, install } from './zoo/install.mjs';
import { isWhole, withEarlier } from './zoo/results.mjs';
import { makeScratch } from './zoo/scratch.mjs';
import { searchQuality } from './zoo/search-quality.mjs';
import { SERVERS, select } from './zoo/table.mjs';
import { TOKEN_SERVERS, writeTokenCosts } from './zoo/token-costs.mjs';

const HELP = `npm run zoo [-- options]

Installs the servers of packages/gateway/test/zoo/servers.json (versions pinned, outside the workspace, below node_modules/.cache/zoo), starts
all of them behind one gateway, and compares what each answers directly with what it answers through the gateway.

  --only a,b    only these servers and clients, such as "mcp-inspector"; "clients" stands for all of these
  --search      list their tools and measure the tool search in them, in place of comparing answers
  --tokens      do eight tasks in four ways and write the tokens that each takes into docs/few-tokens.md
  --list        show the servers and end
  --help        show this and end

docs/compatibility.md is written when every server has a result: those of the last run stand for servers that were left out.

Exit code 0 when nothing differs but what packages/gateway/test/zoo/justified.json justifies; 1 when something does; 2 when the
command line cannot be used. Servers that cannot be installed or do not start are named, and do not fail the run.`;

const { values } = parse();
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
if (values.list) {
  for (const { id, from, package: name, version, language, needs } of SERVERS) {
    console.log(
      [id.padEnd(22), `${from}:${name}@${version}`, language, needs && `needs ${needs}`].filter(Boolean).join('  '),
    );
  }
  process.exit(0);
}

const only = values.only?.split(',').filter(Boolean);
const say = (text) => process.stderr.write(`${text}\n`);
const chosen = chosenServers();
const scratch = makeScratch();
const missing = [];
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    for (const pid of live) endGroup(pid);
    scratch.remove();
    process.exit(1);
  });
}
try {
  const subjects = await installAll(chosen);
  if (values.tokens) await writeTokenCosts(subjects, scratch, say);
  else if (values.search) await searchQuality(subjects, scratch, say);
  else await compare(subjects);
} finally {
  scratch.remove();
}

async function compare(subjects) {
  const rows = await compareAll(subjects, scratch, say);
  keep(rows);
  const wanted = CLIENTS.filter((client) => !only || only.includes('clients') || only.includes(clientId(client)));
  const clients = wanted.length > 0 ? await compareClients(wanted, scratch, say) : [];
  const failed = report(rows, clients);
  const results = withEarlier({ rows, missing, clients });
  if (isWhole(results)) {
    writeFileSync(join(root, 'docs/compatibility.md'), compatibilityPage(results));
    say('written: docs/compatibility.md');
  }
  process.exitCode = failed > 0 ? 1 : 0;
}

async function installAll(servers) {
  const rest = [...servers];
  const installed = [];
  const worker = async () => {
    for (let server = rest.shift(); server !== undefined; server = rest.shift()) {
      try {
        installed.push({ server, installed: await install(server) });
      } catch (error) {
        missing.push({
          server,
          reason: String(error.stderr || error.message)
            .trim()
            .split('\n')[0],
        });
        say(`cannot install ${server.id}: ${missing.at(-1).reason}`);
      }
    }
  };
  say(`installing ${servers.length} servers (at once: ${INSTALLS_AT_ONCE})`);
  await Promise.all(Array.from({ length: INSTALLS_AT_ONCE }, worker));
  return servers.flatMap((server) => installed.filter((one) => one.server === server));
}

/** All that was said, for looking closer; it holds texts of servers and stays on this machine. */
function keep(rows) {
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, 'last-run.json'), JSON.stringify(rows));
}

/** Prints one line for each way, with the differences that nothing justifies below it; gives how many ways have some. */
function report(rows, clients) {
  for (const { key, failed } of rows) if (failed) console.log(`${key}: ${failed}`);
  for (const { server, reason } of missing) console.log(`${server.id}: not installed: ${reason}`);
  const ways = [
    ...rows.flatMap(({ key, ways }) => ways.map((way) => ({ ...way, title: `${key}, ${way.way}` }))),
    ...clients.map((row) => ({ ...row, title: titleOf(row) })),
  ];
  for (const { title, failed, eras, steps, calls, justified, failures, unsteady, reason } of ways) {
    if (failed) {
      console.log(`${title}: ${failed}`);
      continue;
    }
    const kinds = Object.entries(justified).map(([id, count]) => `${count} ${id}`);
    console.log(
      `${title} (${eras}): ${steps} requests, ${calls} calls; differences: ${failures.length}; justified: ${kinds.join(', ') || 'none'}; unsteady: ${unsteady.length}`,
    );
    if (reason) console.log(`  the gateway says: ${reason}`);
    for (const difference of failures) console.log(showDifference(difference));
  }
  const failed = ways.filter(({ failures }) => failures.length > 0).length;
  console.log(`${ways.length} ways compared; ${failed} with differences that nothing justifies`);
  return failed;
}

function titleOf({ client: { name, version, transport, era } }) {
  return `${name} ${version}, ${transport}, ${era === 'modern' ? '2026' : '2025'}`;
}

function parse() {
  try {
    return parseArgs({
      options: {
        only: { type: 'string' },
        search: { type: 'boolean' },
        tokens: { type: 'boolean' },
        list: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    say(`${error.message}\n\n${HELP}`);
    process.exit(2);
  }
}

function chosenServers() {
  try {
    if (values.tokens) return select(TOKEN_SERVERS);
    const servers = only?.filter((id) => id !== 'clients' && !CLIENTS.some((client) => clientId(client) === id)) ?? [];
    return only && servers.length === 0 ? [] : select(servers);
  } catch (error) {
    say(error.message);
    process.exit(2);
  }
}

function clientId({ name }) {
  return name.toLowerCase().replaceAll(' ', '-');
}
