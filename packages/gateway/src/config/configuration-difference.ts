/** Names of entries by what became of them. */
export interface EntryDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** What differs between two configurations, by name of the entry; of "gateway", the keys that have another value. */
export interface ConfigurationDifference<Key extends string = string> {
  readonly plugins: EntryDifference;
  readonly guards: EntryDifference;
  readonly mcpServers: EntryDifference;
  readonly roles: EntryDifference;
  readonly profiles: EntryDifference;
  readonly limits: EntryDifference;
  readonly gateway: readonly Key[];
}
