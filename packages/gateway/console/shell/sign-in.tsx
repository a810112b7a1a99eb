import { useSignal } from '@preact/signals';
import type { JSX, TargetedSubmitEvent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { SessionState } from '../../src/console/api.ts';
import { ask, goToProvider, signIn, signInFailure } from '../api/session.ts';
import { Problem } from '../parts/problem.tsx';
import { Brand } from './brand.tsx';

/** Over plain http to another name a cookie would travel unprotected; elsewhere nobody may be named who may sign in. */
const NO_WAY =
  'Open the console on the gateway’s own machine, or over https; there, a key of “gateway.auth.apiKeys” with “admin” signs in.';

/** How to get in: the OpenID provider, the one-time link, or a key. */
export function SignIn({ state }: { readonly state: SessionState | undefined }): JSX.Element {
  const failure = signInFailure.value;
  const takesKey = state?.signedIn === false && state.ways.some((way) => way === 'key' || way === 'token');
  const takesLink = state?.signedIn !== false || state.ways.includes('link');
  const provider = state?.provider;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = 'Sign in · Lockgate';
    heading.current?.focus();
  }, []);
  return (
    <main class="sign-in">
      <div>
        <Brand />
        <h1 ref={heading} tabIndex={-1}>
          Sign in to the console
        </h1>
        {failure && <Problem title={failure.message} remedy={failure.remedy} />}
        {state === undefined ? (
          <div>
            <button type="button" class="button" onClick={() => void ask()}>
              Try again
            </button>
          </div>
        ) : (
          <>
            {state.signedIn === false && state.endSession !== undefined && (
              <Problem tone="note" title="You are signed out here">
                <p>
                  {provider} may still know you, and sign you in again without a question.{' '}
                  <a href={state.endSession}>Sign out there too</a>
                </p>
              </Problem>
            )}
            {provider !== undefined && <ProviderButton host={provider} />}
            {takesLink && (
              <p>
                Open the one-time link that the gateway printed when it started, or let <code>lockgate console</code> on
                its machine print another. A link is valid for ten minutes and one sign-in.
              </p>
            )}
            {takesKey && <KeyForm />}
            {!takesLink && !takesKey && provider === undefined && (
              <Problem title="Nobody can sign in here" remedy={NO_WAY} />
            )}
          </>
        )}
        {state !== undefined && <p class="muted small">Lockgate {state.version}</p>}
      </div>
    </main>
  );
}

function ProviderButton({ host }: { readonly host: string }): JSX.Element {
  const isBusy = useSignal(false);
  const go = async (): Promise<void> => {
    if (isBusy.value) return;
    isBusy.value = true;
    await goToProvider();
    isBusy.value = false;
  };
  return (
    <div>
      <button type="button" class="button primary" aria-disabled={isBusy.value} onClick={() => void go()}>
        Sign in with {host}
      </button>
    </div>
  );
}

function KeyForm(): JSX.Element {
  const problem = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  const send = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (isBusy.value) return;
    const key = input.current?.value.trim() ?? '';
    problem.value = key === '' ? 'Enter a key first.' : undefined;
    if (key === '') {
      input.current?.focus();
      return;
    }
    isBusy.value = true;
    await signIn({ key });
    isBusy.value = false;
    input.current?.select();
  };
  return (
    <form class="card form" onSubmit={(event) => void send(event)} noValidate>
      <div class="field">
        <label for="key">Admin key</label>
        <input
          ref={input}
          id="key"
          class="input mono"
          type="password"
          autocomplete="current-password"
          spellcheck={false}
          aria-describedby="key-hint"
          aria-invalid={problem.value !== undefined}
        />
        <span id="key-hint" class="hint">
          A key of “gateway.auth.apiKeys” with “admin”, or a token of the authorization server.
        </span>
        {problem.value !== undefined && (
          <span class="field-problem" role="alert">
            {problem.value}
          </span>
        )}
      </div>
      <div>
        <button type="submit" class="button primary" aria-disabled={isBusy.value}>
          {isBusy.value ? 'Signing in…' : 'Sign in'}
        </button>
      </div>
    </form>
  );
}
