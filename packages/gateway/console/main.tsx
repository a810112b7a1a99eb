import { render } from 'preact';
import { startLive } from './api/live.ts';
import { startOverview } from './api/overview.ts';
import { startSession } from './api/session.ts';
import { App } from './shell/app.tsx';
import { keepTextStill } from './still-text.ts';

keepTextStill();
const root = document.getElementById('app');
if (root) render(<App />, root);
startLive();
startOverview();
void startSession();
