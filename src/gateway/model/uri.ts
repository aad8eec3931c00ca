/** Whether an update of one resource concerns a client that subscribed to the other (MCP 2025-11-25, "Resources"). */
export const isWithin = (uri: string, subscribed: string): boolean =>
  uri === subscribed || uri.startsWith(subscribed.endsWith('/') ? subscribed : `${subscribed}/`);
