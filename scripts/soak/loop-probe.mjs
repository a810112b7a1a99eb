// Loaded into the gateway before its program. Measures how long the event loop's own work keeps a timer waiting, and
// tells it to whoever started the process, when asked.
//
// A timer can also be late because another process has the processor, of which the gateway is no cause: on a machine with
// other load every limit on plain lateness fails now and then. So of each wait that part counts which the main thread
// itself was computing: the lesser of how late the timer was and of the thread's processor time meanwhile. And a turn is not
// judged that began or ended with such a wait for the processor: what came in meanwhile is then worked off at once.

const TICK_MS = 10;
const MAX_TICKS = 1_000_000;

/** A timer that is later than its thread has computed, by more than this, waited for the processor. */
const STARVED_MS = 5;

let own = [];
let late = [];
let wasStarved = true;
let at = performance.now();
let busy = threadMs();

setInterval(() => {
  const now = performance.now();
  const spent = threadMs();
  const lateness = Math.max(0, now - at - TICK_MS);
  const isStarved = lateness - (spent - busy) > STARVED_MS;
  if (late.length < MAX_TICKS) {
    if (!isStarved && !wasStarved) own.push(Math.min(lateness, spent - busy));
    late.push(lateness);
  }
  wasStarved = isStarved;
  at = now;
  busy = spent;
}, TICK_MS).unref();

process.on('message', (question) => {
  if (question !== 'event loop?') return;
  process.send({ own, late });
  own = [];
  late = [];
});
process.channel.unref();

function threadMs() {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
