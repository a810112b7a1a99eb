import type { JSX } from 'preact';
import { session } from '../api/credentials.ts';
import { signInFailure } from '../api/session.ts';
import { route } from '../navigation.ts';
import { AccessPage } from '../pages/access/access.tsx';
import { ApprovalsPage } from '../pages/approvals.tsx';
import { CallPage } from '../pages/call.tsx';
import { CallsPage } from '../pages/calls.tsx';
import { ConfigurationPage } from '../pages/configuration/configuration.tsx';
import { ConnectionsPage } from '../pages/connections.tsx';
import { OverviewPage } from '../pages/overview.tsx';
import { PinsPage } from '../pages/pins.tsx';
import { DecisionPage } from '../pages/policy/decision.tsx';
import { PolicyPage } from '../pages/policy/policy.tsx';
import { ServerPage } from '../pages/server.tsx';
import { ServersPage } from '../pages/servers.tsx';
import { ToolsPage } from '../pages/tools.tsx';
import { ConfirmDialog } from '../parts/confirm.tsx';
import { Notices } from '../parts/notices.tsx';
import { Side } from './side.tsx';
import { SignIn } from './sign-in.tsx';

/** The frame around all pages; who is not signed in sees how to. */
export function App(): JSX.Element {
  const state = session.value;
  if (!state?.signedIn) {
    return state === undefined && signInFailure.value === undefined ? (
      <div class="sign-in" role="status" aria-label="Loading" />
    ) : (
      <SignIn state={state} />
    );
  }
  return (
    <>
      <SkipLink />
      <div class="shell">
        <Side who={state} />
        <main class="main" id="main" tabIndex={-1}>
          <CurrentPage />
        </main>
      </div>
      <Notices />
      <ConfirmDialog />
    </>
  );
}

/** Past the navigation. The fragment of the address names pages here, so the focus is moved by hand. */
function SkipLink(): JSX.Element {
  return (
    <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
      Skip to content
    </button>
  );
}

function CurrentPage(): JSX.Element {
  const { page, detail } = route.value;
  switch (page) {
    case 'overview':
      return <OverviewPage />;
    case 'servers':
      return detail === undefined ? <ServersPage /> : <ServerPage key={detail} name={detail} />;
    case 'tools':
      return <ToolsPage />;
    case 'calls':
      return detail === undefined ? <CallsPage /> : <CallPage key={detail} id={detail} />;
    case 'connections':
      return <ConnectionsPage />;
    case 'access':
      return <AccessPage />;
    case 'policy':
      return detail === undefined ? <PolicyPage /> : <DecisionPage key={detail} id={detail} />;
    case 'approvals':
      return <ApprovalsPage />;
    case 'pins':
      return <PinsPage />;
    case 'configuration':
      return <ConfigurationPage />;
    default:
      return page satisfies never;
  }
}
