/** Content type of server-sent events. */
export const EVENT_STREAM = 'text/event-stream; charset=utf-8';
/** A comment: clients skip it, proxies see bytes. */
export const HEARTBEAT = ': waiting\n\n';
