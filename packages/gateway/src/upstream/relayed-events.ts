import { ALL_LISTS } from '../catalog/offer.ts';
import type { Upstream, UpstreamEvents } from './upstream.ts';

/** What one of several sets of connections says of a server, in the name of the server: the gateway knows it as one. */
export function relayedEvents(
  server: Upstream,
  { events, isOwn }: { readonly events: UpstreamEvents; readonly isOwn: boolean },
): UpstreamEvents {
  let before = '';
  return {
    changed: (_, lists) => events.changed(server, lists),
    resourceUpdated: (_, params, source) => events.resourceUpdated(server, params, source),
    toldCaller: (_, message, caller) => events.toldCaller(server, message, caller),
    // What is said on one caller's connection to nobody in particular is for nobody else.
    notified: (_, message, caller) => (isOwn ? undefined : events.notified(server, message, caller)),
    told: (_, message, peer) => events.told(server, message, peer),
    asked: (_, message, peer, cancellation) => events.asked(server, message, peer, cancellation),
    mayIntroduce: (_, peer) => events.mayIntroduce(server, peer),
    stateChanged: (own) => {
      const { state } = own.status();
      events.stateChanged(server);
      // The tool that says what is missing comes and goes.
      if (state === 'needs login' || before === 'needs login') events.changed(server, ALL_LISTS);
      before = state;
    },
    crowded: (sessions) => events.crowded(sessions),
  };
}
