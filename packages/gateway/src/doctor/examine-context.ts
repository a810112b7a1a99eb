import type { Redact } from '../config/secrets.ts';
import type { ServerEntry } from '../config/servers-section.ts';
import type { Guests } from '../guests.ts';
import type { LoginView } from '../login/logins.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import type { Authorizer } from '../transport/authorized-client.ts';
import type { Programs } from '../transport/programs.ts';

/** What the examination of every entry needs. */
export interface ExamineContext {
  readonly programs: Programs;
  /** Opened when the first guest is looked at. */
  readonly guests: () => Promise<Guests>;
  /** Gives requests to a server its login, where one is kept. */
  readonly authorizerOf: (name: string, entry: ServerEntry) => Authorizer | undefined;
  /** The logins to a server that are kept, whoever's; none where they cannot be read. */
  readonly loginsOf: (name: string) => Promise<readonly LoginView[]>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What a remedy adds to a command of lockgate that is to mean the same configuration. */
  readonly flag: string;
  /** Looks where people log in to a server. @throws LoginFaultError where that is nowhere. */
  readonly findLogin: (name: string, entry: ServerEntry) => Promise<unknown>;
  /** Ends the examination, of this entry or of all. */
  readonly cancellation: Cancellation;
  readonly redact: Redact;
  /** Takes what is waited for at the end, so that nothing is left running and no other entry waits for it. */
  readonly ending: (over: Promise<void>) => void;
}
