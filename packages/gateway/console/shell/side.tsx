import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { SignedIn } from '../../src/console/api.ts';
import { liveState } from '../api/live.ts';
import { troubled } from '../api/overview.ts';
import { signOut } from '../api/session.ts';
import { route } from '../navigation.ts';
import { tell } from '../notices.ts';
import { Icon } from '../parts/icon.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { linkTo, PAGES, type PageName } from '../route.ts';
import { Brand } from './brand.tsx';
import { ThemeSwitch } from './theme-switch.tsx';

const TITLES: Readonly<Record<PageName, string>> = {
  overview: 'Overview',
  servers: 'Servers and plugins',
  tools: 'Tools',
  calls: 'Calls',
  connections: 'Connections',
  access: 'Keys and roles',
  policy: 'Policy',
  pins: 'Pins',
  approvals: 'Approvals',
  configuration: 'Configuration',
};

/** The way to every page, who is signed in, and whether what is shown is of now. */
export function Side({ who }: { readonly who: SignedIn }): JSX.Element {
  const isOpen = useSignal(false);
  const { page } = route.value;
  useEffect(() => {
    isOpen.value = false;
  }, [route.value]);
  return (
    <header class="side">
      <Brand />
      <button
        type="button"
        class="button menu"
        aria-expanded={isOpen.value}
        aria-controls="menu"
        onClick={() => {
          isOpen.value = !isOpen.value;
        }}
      >
        <Icon name="menu" /> Menu
      </button>
      <div id="menu" class="side-rest" data-open={isOpen.value ? '' : undefined}>
        <nav aria-label="Pages">
          <ul class="nav">
            {PAGES.map((name) => (
              <li key={name}>
                <a href={linkTo(name)} aria-current={name === page ? 'page' : undefined}>
                  {TITLES[name]}
                  {name === 'servers' && <Troubled />}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div class="side-foot">
          <LiveState />
          <ThemeSwitch />
          <div class="small">
            <div class="cut" title={who.name}>
              {who.name}
            </div>
            <div class="muted">
              {who.role} · version {who.version}
            </div>
          </div>
          <button
            type="button"
            class="button"
            onClick={() => {
              signOut().catch((error: Error) => tell(`You are still signed in: ${error.message}`, 'bad'));
            }}
          >
            Sign out
          </button>
        </div>
      </div>
    </header>
  );
}

function Troubled(): JSX.Element | null {
  const many = troubled.value;
  if (many === 0) return null;
  return (
    <span class="state bad">
      {many}
      <span class="visually-hidden"> not running</span>
    </span>
  );
}

function LiveState(): JSX.Element {
  const words = { opening: 'Connecting', live: 'Live', lost: 'Not live, trying again' } as const;
  const tones = { opening: 'wait', live: 'ok', lost: 'bad' } as const;
  return (
    <div class="link-state" role="status">
      <StateBadge tone={tones[liveState.value]} word={words[liveState.value]} />
    </div>
  );
}
