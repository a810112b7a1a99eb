// What tests get for `fast-check`: every property runs on one seed, so that a suite says the same each time it runs.
// LOCKGATE_SEED=random looks at other values; LOCKGATE_SEED=<number> at those of one run again.
import fc from 'fast-check';

const { LOCKGATE_SEED = '20261126' } = process.env;
if (LOCKGATE_SEED !== 'random') fc.configureGlobal({ seed: Number(LOCKGATE_SEED) });

export * from 'fast-check';
export default fc;
