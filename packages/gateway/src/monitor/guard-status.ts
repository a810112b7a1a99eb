/** A guard's state, for health, `lockgate status` and the console. */
export interface GuardStatus {
  readonly server: string;
  readonly guard: string;
  /** Why every call of its server is denied: it is not in service, or does not take its policy. Absent while calls are decided. */
  readonly failure?: string;
  /** What to do about the failure; present with it. */
  readonly remedy?: string;
}

/** The guards of several processes as those of one gateway: each is as well as where it is worst. */
export function joinGuards(statuses: readonly GuardStatus[]): readonly GuardStatus[] {
  const same = Map.groupBy(statuses, ({ server, guard }) => JSON.stringify([server, guard]));
  return Array.from(
    same.values(),
    (all) => all.find(({ failure }) => failure !== undefined) ?? (all[0] as GuardStatus),
  );
}
