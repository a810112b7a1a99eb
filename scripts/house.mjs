// House rules that no linter has: file sizes, where certain names may stand, the order of rooms inside a package, no wall
// clock where a duration is meant, and no waiting by the clock in tests. `npm run lint` runs it; it prints every finding with its remedy and exits 1 if there is
// one. With `--self-test` it shows instead that the check of rooms can fail.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { roomFindings } from './house/room-order.mjs';
import { selfTest } from './house/room-order.self-test.mjs';
import { ROOMS } from './house/rooms.mjs';

if (process.argv.includes('--self-test')) {
  selfTest();
  console.log('house rules: an upward import, a cycle, a file without a room and an empty room are found');
  process.exit(0);
}

const MOST_LINES = 350;

const rules = [
  {
    files: /^(packages\/[^/]+\/(src|console|test)|bench|scripts|examples)\/.*\.(tsx?|mjs|cc|css)$/,
    check: (text) => (text.split('\n').length - 1 > MOST_LINES ? [`${text.split('\n').length - 1} lines`] : []),
    remedy: `split by concept: a file has at most ${MOST_LINES} lines`,
  },
  {
    files: /^packages\/[^/]+\/src\//,
    except: /^packages\/runtime\/src\/instance\/call-lock\.ts$/,
    pattern: /from 'async-mutex'/,
    remedy: 'only runtime/src/instance/call-lock.ts knows the lock',
  },
  {
    files: /^packages\/gateway\/src\//,
    pattern: /^import (?!type\b)[^;]*from 'node:http'/m,
    remedy:
      'import it from node-http.ts: an import of node:http reads all it exports, which loads an HTTP client of Node itself',
  },
  {
    files: /^packages\/[^/]+\/src\//,
    pattern: /^import (?!type\b|\* as z\b)[^;]*from 'zod'/m,
    remedy: "import * as z from 'zod': by any other import a bundle has all of it, sixty languages too",
  },
  {
    files: /^packages\/abi\/src\//,
    pattern: /from 'node:|\bprocess\.|\bBuffer\b/,
    remedy: 'the abi package runs in browsers and workers: no Node API',
  },
  {
    files: /^packages\/[^/]+\/src\//,
    except: /\/(parse-json-text|load|entry|payload)\.ts$|\/cli\/|-entry\.ts$|\.test\.ts$/,
    pattern: /\bJSON\.parse\(/,
    remedy: 'shapes are parsed once, at the border (abi/json.ts, config/load.ts, ...)',
  },
  {
    // Who reads the wall clock, and for what: times that people and records are told, and times of files.
    files: /^packages\/[^/]+\/src\//,
    except:
      /^packages\/(?:cache\/src\/(?:clock|directory-report)|loader\/src\/(?:loader|options)|runtime\/src\/(?:host\/wasi\/node-system|component\/(?:clocks|filesystem\/stat))|gateway\/src\/(?:observe\/(?:audit|terminal-line|verify-audit)|console\/told-time|cli\/(?:connect|examine-config|status|vault)|gateway-console|gateway-parts|processes\/admin-front|serve-config|transport\/quick\/date-line))\.ts$/,
    pattern: /\bDate\b(?!`)/,
    remedy:
      'a duration is measured with performance.now(), or a clock that is handed in: the wall clock is set while we run',
  },
  {
    files: /^packages\/[^/]+\/src\/.*index\.ts$/,
    pattern: /^export \*/m,
    remedy: 'name every export: the index is the public surface',
  },
  {
    files: /^(packages|examples|bench)\/.*\/?(test|src)\/.*\.ts$/,
    pattern:
      /await new Promise\((?:\([^)]*\)|\w+) => setTimeout\(|import \{[^}]*setTimeout[^}]*\} from 'node:timers\/promises'/,
    except: /\/fixtures\/|testkit\/test\/no-sleeping\.test\.ts$/,
    remedy: 'no sleeping: wait on a gate, an event or a fake clock',
  },
  {
    files: /\/test\/.*\.ts$/,
    pattern: /\bvi\.waitFor\(/,
    remedy: 'it gives up after a second: expect.poll waits as long as vitest.config.ts says',
  },
  {
    files: /^(packages|examples|bench|scripts|docs)\/|^[^/]+\.(md|mjs|ts|json)$/,
    except: /^scripts\/house\.mjs$/,
    pattern: /\.\.\/shared\/(?:design|probe)|\/work\//,
    remedy: 'the repository stands alone: no paths of the workplace',
  },
  {
    files: /^packages\/[^/]+\/README\.md$/,
    check: (text) => linksOf(text).filter((target) => !leadsOut(target)),
    remedy: 'this page is read on the registry too: link to what exists below https://github.com/lockgate/lockgate',
  },
  {
    files: /\/(utils|helpers|common|misc)(\.ts|\/)/,
    check: () => ['a grab bag'],
    remedy: 'name the file after its one concern',
  },
];

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' }).trim().split('\n');
let findings = 0;
for (const file of files) {
  const applying = rules.filter((rule) => rule.files.test(file) && !rule.except?.test(file));
  if (applying.length === 0) continue;
  const text = readText(file);
  for (const rule of applying) {
    const match = rule.pattern?.exec(text);
    const found = rule.check
      ? rule.check(text)
      : match
        ? [`line ${text.slice(0, match.index).split('\n').length}`]
        : [];
    for (const what of found) {
      findings++;
      console.error(`${file}: ${what}: ${rule.remedy}`);
    }
  }
}
for (const name of new Set(files.flatMap((file) => /^packages\/([^/]+)\/src\//.exec(file)?.[1] ?? []))) {
  for (const what of roomProblems(name)) {
    findings++;
    console.error(`packages/${name}/src: ${what}`);
  }
}
if (findings > 0) process.exit(1);
console.log(`house rules: ${files.length} files, nothing to say`);

function roomProblems(name) {
  const rooms = ROOMS[name];
  if (rooms === undefined) return ['the package has no list of rooms: write one in scripts/house/rooms.mjs'];
  const root = `packages/${name}/src/`;
  const sources = files.filter((file) => file.startsWith(root) && file.endsWith('.ts') && readText(file) !== '');
  return roomFindings(rooms, new Map(sources.map((file) => [file.slice(root.length), readText(file)])));
}

function linksOf(text) {
  return [...text.matchAll(/\]\(([^)]+)\)|^\[[^\]]+\]: (\S+)/gm)].map(([, inline, reference]) => inline ?? reference);
}

/** Whether a link works wherever the page is shown; what it says of this repository is looked up here. */
function leadsOut(target) {
  const path = /^https:\/\/github\.com\/lockgate\/lockgate\/(?:blob|tree)\/main\/([^#]+)/.exec(target)?.[1];
  return path === undefined ? /^(https:|#)/.test(target) : existsSync(path);
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return ''; // deleted, but not yet committed
    throw error;
  }
}
