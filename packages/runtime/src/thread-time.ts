// A light entry of its own, which loads nothing else of the runtime: for threads of others that are watched as those of guests are.
export { processorMs } from './isolate/processor-ms.ts';
export { threadNumber } from './isolate/thread-number.ts';
