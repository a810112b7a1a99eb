import { parseArgs } from 'node:util';
import { describeMachine } from './machine.ts';
import { BALANCERS, type Balancer, type BalancerName, balancerOf } from './replicas/balancer.ts';
import { Fleet, whyNoFleet } from './replicas/fleet.ts';
import { runReplicas } from './replicas/run-replicas.ts';

const HELP = `Three gateways that share one Redis behind a balancer in turn, and clients of both eras that call through them: plain calls, calls with
progress, calls that ask their client something, and subscriptions. Every answer is compared with what it must be.

Usage: npm run replicas -- [options]

  --calls <n>    calls altogether (default: 50000)
  --clients <n>  clients, half of each era (default: 200)
  --kill <s>     a gateway is killed (SIGKILL) each so many seconds and started again (default: 0, none)
  --upgrades <n> in place of --calls: calls go on until each gateway has been stopped (SIGTERM) and started again so many times
  --drain <ms>   "gateway.drainMs" of the gateways (default: 0)
  --balancer <b> nginx, which tries, or haproxy, which asks for health: "--drain 3000" is for that (default: nginx)
  --help         this text

Counts calls: right; wrong, with another answer than theirs; lost, without any in a minute; refused, by reason. Exit code: 0 where none
is wrong or lost, and none refused unless gateways were killed; 1 where something of that is not so, or there is no Redis or balancer; 2 where
the command line cannot be used.
`;

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '50000' },
    clients: { type: 'string', default: '200' },
    kill: { type: 'string', default: '0' },
    upgrades: { type: 'string', default: '0' },
    drain: { type: 'string', default: '0' },
    balancer: { type: 'string', default: 'nginx' },
    help: { type: 'boolean', default: false },
  },
});
const { calls, clients, kill, upgrades, drain } = Object.fromEntries(
  Object.entries(values).map(([name, value]) => [name, Number(value)]),
) as Record<'calls' | 'clients' | 'kill' | 'upgrades' | 'drain', number>;

if (values.help) console.log(HELP);
else if (
  ![calls, clients].every((one) => Number.isSafeInteger(one) && one > 0) ||
  ![kill, upgrades, drain].every((one) => one >= 0)
) {
  console.error(
    `error: --calls and --clients are whole numbers above 0, --kill, --upgrades and --drain numbers from 0\n\n${HELP}`,
  );
  process.exitCode = 2;
} else if (!BALANCERS.includes(values.balancer as BalancerName)) {
  console.error(`error: --balancer is one of ${BALANCERS.join(', ')}\n\n${HELP}`);
  process.exitCode = 2;
} else {
  const balancer = balancerOf(values.balancer as BalancerName);
  if (whyNoFleet === undefined && typeof balancer !== 'string') await main(balancer);
  else {
    console.error(`error: ${whyNoFleet ?? balancer}`);
    process.exitCode = 1;
  }
}

async function main(balancer: Balancer): Promise<void> {
  console.log(describeMachine());
  await using fleet = await Fleet.start(balancer, drain);
  const killing = new AbortController();
  const killed = fleet.killInTurn(kill * 1_000, killing.signal);
  let left = upgrades > 0 ? Number.POSITIVE_INFINITY : calls;
  const upgraded = fleet.upgradeInTurn(upgrades).finally(() => {
    if (upgrades > 0) left = 0;
  });
  const { seconds, kinds, refused } = await runReplicas(fleet.url, clients, () => left-- > 0);
  killing.abort();
  const kills = await killed;
  await upgraded;
  console.table(kinds);
  for (const [reason, times] of refused) console.log(`refused ${times}: ${reason}`);
  const sum = (how: 'right' | 'wrong' | 'lost' | 'refused'): number =>
    Object.values(kinds).reduce((total, one) => total + one[how], 0);
  const all = { right: sum('right'), wrong: sum('wrong'), lost: sum('lost'), refused: sum('refused') };
  console.log(
    `${all.right + all.wrong + all.lost + all.refused} calls of ${clients} clients in ${seconds.toFixed(0)} s, ${kills} gateways killed, ${upgrades} upgrades of all: ${JSON.stringify(all)}`,
  );
  const isGood = all.wrong === 0 && all.lost === 0 && (all.refused === 0 || kills > 0);
  fleet.isKept = !isGood;
  process.exitCode = isGood ? 0 : 1;
}
