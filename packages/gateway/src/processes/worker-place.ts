import { parseJson } from '../json.ts';

/** What a process that serves with others is told when it starts. */
export interface WorkerPlace {
  /** From 1. */
  readonly number: number;
  /** Where to listen, where that is not what the configuration says. */
  readonly listen?: string | undefined;
  /** Where it can be asked by the process that keeps it. */
  readonly socket: string;
  /** Where that process answers what it passes on. */
  readonly keeper: string;
}

const NAME = 'LOCKGATE_WORKER';

/** As a variable of the environment. */
export function placeVariable(place: WorkerPlace): Record<string, string> {
  return { [NAME]: JSON.stringify(place) };
}

/** Undefined where this process serves alone, or keeps others. What it starts itself learns nothing of it. */
export function takePlace(environment: NodeJS.ProcessEnv): WorkerPlace | undefined {
  const text = environment[NAME];
  delete environment[NAME];
  return text === undefined ? undefined : (parseJson(text) as WorkerPlace);
}
