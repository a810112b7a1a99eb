/** Methods that are met often: read and written without making a string. Others are as good, but slower. */
export const METHODS: readonly string[] = [
  ...['initialize', 'ping', 'server/discover', 'completion/complete', 'logging/setLevel', 'subscriptions/listen'],
  ...['tools/list', 'tools/call', 'prompts/list', 'prompts/get', 'roots/list', 'sampling/createMessage'],
  ...['resources/list', 'resources/read', 'resources/templates/list', 'resources/subscribe', 'resources/unsubscribe'],
  ...['elicitation/create', 'tasks/get', 'tasks/result', 'tasks/list', 'tasks/cancel', 'tasks/update'],
  ...['initialized', 'cancelled', 'progress', 'message', 'tools/list_changed', 'prompts/list_changed'].map(
    (name) => `notifications/${name}`,
  ),
  ...['resources/list_changed', 'resources/updated', 'roots/list_changed', 'elicitation/complete', 'tasks/status'].map(
    (name) => `notifications/${name}`,
  ),
];
