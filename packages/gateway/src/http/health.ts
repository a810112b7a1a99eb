/** What the gateway says about itself. */
export interface HealthSource {
  readonly state: 'starting' | 'running' | 'closing' | 'closed';
  readonly entries: readonly HealthEntry[];
  /** Whether it hears nothing of the gateways that it shares its state with, though they hear each other. */
  readonly isCutOff?: boolean;
  /** Where several processes serve together: how many do, and how many are to. */
  readonly processes?: { readonly serving: number; readonly wanted: number };
}

/** One plugin, guard or upstream server that is configured and not disabled. */
export interface HealthEntry {
  readonly name: string;
  readonly kind: 'plugin' | 'guard' | 'server';
  /** One that needs a login is well: it says so to who calls it. */
  readonly state: 'up' | 'starting' | 'down' | 'needs login';
  /** Why it is not up, in plain words and without secrets. */
  readonly reason?: string | undefined;
}

export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly body: object;
}

/** Live means: the process answers. It stays so while calls drain, or a supervisor would kill them. */
export function liveness(): HealthAnswer {
  return { status: 200, body: { status: 'live' } };
}

/**
 * Ready means: new work is taken and something can do it. 503 while starting or closing, when everything that is
 * configured is down, and when others can do what this one cannot; `degraded` when only a part is. Names and reasons are told to those who may see them.
 */
export function readiness({ state, entries, isCutOff, processes }: HealthSource, showEntries: boolean): HealthAnswer {
  const count = (wanted: HealthEntry['state']): number => entries.filter((entry) => entry.state === wanted).length;
  const down = count('down');
  const needsLogin = count('needs login');
  // Guards give nothing to call: a gateway of which only the guards are up serves nobody.
  const serving = entries.filter(({ kind }) => kind !== 'guard');
  const nothingUp =
    serving.length > 0 && !serving.some((entry) => entry.state === 'up' || entry.state === 'needs login');
  const isShort = processes !== undefined && processes.serving < processes.wanted;
  const status =
    state !== 'running'
      ? state
      : nothingUp
        ? down === 0
          ? 'starting'
          : 'down'
        : isCutOff
          ? 'cut off'
          : down > 0 || isShort
            ? 'degraded'
            : 'ready';
  return {
    status: status === 'ready' || status === 'degraded' ? 200 : 503,
    body: {
      status,
      up: count('up'),
      starting: count('starting'),
      down,
      ...(needsLogin > 0 && { needsLogin }),
      ...(processes && { processes }),
      ...(showEntries
        ? { entries: entries.map(({ name, kind, state, reason }) => ({ name, kind, state, reason })) }
        : {}),
    },
  };
}
