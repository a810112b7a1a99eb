import { ObjectText } from '../protocol/frame/object-text.ts';
import { ofByteText } from '../replicas/replica-message.ts';
import type { Replicas } from '../replicas/replicas.ts';
import type { EarlyCancellations } from './early-cancellations.ts';
import { HttpSession } from './http-session.ts';
import { subscribe } from './kept-subscriptions.ts';
import type { Sessions } from './sessions.ts';

/** What other gateways say of sessions, which may be live here or soon will be. Each has looked whose the session is before. */
export function hearOfSessions(replicas: Replicas, sessions: Sessions, early: EarlyCancellations): void {
  const live = (id: string): HttpSession | undefined => {
    const session = sessions.get(id);
    return session instanceof HttpSession ? session : undefined;
  };
  replicas.on('frame', ({ session, frame, isOptional }) => live(session)?.deliver([ofByteText(frame)], isOptional));
  replicas.on('cancelled', ({ session, params }) => {
    const cancelled = ObjectText.read(ofByteText(params));
    const known = live(session);
    if (known) known.client.cancelled(cancelled);
    else early.note(session, cancelled);
  });
  replicas.on('level', ({ from, session, level }) => {
    if (from !== replicas.name) return live(session)?.client.logLevelChosen(level);
  });
  replicas.on('subscription', ({ session, uri, isOn }) => {
    const known = live(session);
    if (known) subscribe(known.client, uri, isOn);
  });
  replicas.on('home', ({ session, home }) => live(session)?.moveTo(home));
}
