import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tokenCosts } from '../../packages/gateway/test/zoo/token-costs.ts';
import { taskFiles } from '../../packages/gateway/test/zoo/token-tasks.ts';
import { root } from '../dev/process.mjs';
import { programOf } from './started-server.mjs';

/** The servers that the tasks need, and some that a user might have beside them. */
export const TOKEN_SERVERS = ['everything', 'filesystem', 'memory', 'git', 'sqlite', 'time'];

const PAGE = join(root, 'docs/few-tokens.md');
const BEGIN = '<!-- written by npm run zoo -- --tokens -->\n\n';
const END = '\n<!-- end -->';

/** Does the tasks of packages/gateway/test/zoo/token-tasks.ts and writes what they cost into docs/few-tokens.md. */
export async function writeTokenCosts(subjects, scratch, say) {
  const folder = scratch.nextWay();
  const files = taskFiles();
  const mcpServers = {};
  for (const [index, { server: one, installed }] of subjects.entries()) {
    // All of them work in the one folder, which becomes a repository once.
    const { command, args, env, cwd } = programOf({ ...one, files, git: index === 0 }, installed, folder);
    mcpServers[one.id] = { command, args, env, cwd };
  }
  commitOften(folder);
  const textkit = join(root, 'examples/plugins/dist/textkit.wasm');
  const costs = await tokenCosts({ mcpServers, plugins: { textkit: { path: textkit } } }, folder);
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest = ''] = page.split(BEGIN);
  const [, after = ''] = rest.split(END);
  writeFileSync(PAGE, `${before}${BEGIN}${tableOf(costs)}${END}${after}`);
  say('written: docs/few-tokens.md');
}

function commitOften(folder) {
  for (let n = 0; n < 40; n++) {
    writeFileSync(join(folder, 'changes.txt'), `${n}\n`);
    const env = {
      ...process.env,
      GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
      GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
      HOME: folder,
    };
    const git = (...args) =>
      execFileSync('git', ['-c', 'user.name=zoo', '-c', 'user.email=zoo@x', ...args], { cwd: folder, env });
    git('add', 'changes.txt');
    git('commit', '--quiet', '-m', `change ${n} of the notes`);
  }
}

function tableOf({ tools, listTokens, ownTokens, tasks }) {
  const ways = ['list', 'search', 'fields', 'script'];
  const shown = (count) => count.toLocaleString('en');
  const sum = (way) => tasks.reduce((all, task) => all + task[way], 0);
  const rows = [
    ['', 'every tool listed', '`search`, `execute`', 'and `answer`', '`run_script`'],
    ...tasks.map((task) => [task.title, ...ways.map((way) => shown(task[way]))]),
    ['all eight', ...ways.map((way) => shown(sum(way)))],
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const [head, ...body] = rows.map(line);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const said = `${tools} tools take ${shown(listTokens)} tokens, the gateway's own ${shown(ownTokens)}; both are in the figures, once for each task.`;
  return `${[head, rule, ...body].join('\n')}\n\n${said}\n`;
}
